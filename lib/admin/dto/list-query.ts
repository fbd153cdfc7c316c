import { Transform, Type } from 'class-transformer';
import { IsDate, IsIn, IsInt, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { EVENTS, type WebhookEventName } from '../../common/events.js';
import type { DeliveryStatus } from '../../model/webhook-delivery.entity.js';

/** States of deliveries. */
export const STATUSES = ['pending', 'succeeded', 'failed', 'held', 'skipped', 'cancelled'] as const;

/** Rows of a page unless asked otherwise, and at most. */
export const PAGE_SIZE = { usual: 50, most: 200 } as const;

/** An empty field of a form says nothing. */
const blank = ({ value }: { value: unknown }): unknown => (value === '' ? undefined : value);
/** `a,b`, or repeated, or both. */
const texts = ({ value }: { value: unknown }): unknown => {
  if (value === undefined || value === '') return undefined;
  const parts = Array.isArray(value) ? (value as unknown[]) : [value];
  return parts.flatMap((part) => (typeof part === 'string' ? part.split(',') : [part]));
};
/** Not every text that `Date` takes is meant as a time. */
const time = ({ value }: { value: unknown }): unknown => {
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(value)) return new Date(Number.NaN);
  // As the field of a form gives it: local to nobody, so UTC.
  return new Date(/T.*(Z|[+-]\d{2}:?\d{2})$/i.test(value) || !value.includes('T') ? value : `${value}Z`);
};

/** What events are searched by. */
export class EventFilterDto {
  @IsOptional()
  @Transform(blank)
  @IsString()
  @MaxLength(100)
  model?: string;

  @IsOptional()
  @Transform(blank)
  @IsIn(EVENTS, { message: `event must be one of ${EVENTS.join(', ')}` })
  event?: WebhookEventName;

  @IsOptional()
  @Transform(blank)
  @IsString()
  @MaxLength(255)
  objectId?: string;

  /** ISO 8601; without an offset, UTC. */
  @IsOptional()
  @Transform(time)
  @IsDate({ message: 'since must be a time such as 2026-01-31 or 2026-01-31T12:00:00Z' })
  since?: Date;

  /** ISO 8601; without an offset, UTC. */
  @IsOptional()
  @Transform(time)
  @IsDate({ message: 'until must be a time such as 2026-01-31 or 2026-01-31T12:00:00Z' })
  until?: Date;

  @IsOptional()
  @Transform(blank)
  @IsString()
  @MaxLength(255)
  requestId?: string;

  @IsOptional()
  @Transform(blank)
  @IsString()
  @MaxLength(255)
  username?: string;
}

/** What deliveries are searched by. */
export class DeliveryFilterDto extends EventFilterDto {
  @IsOptional()
  @Transform(blank)
  @IsUUID('all', { message: 'webhookId must be the id of a webhook' })
  webhookId?: string;

  /** One or more, separated by commas. */
  @IsOptional()
  @Transform(texts)
  @IsIn(STATUSES, { each: true, message: `status may only name ${STATUSES.join(', ')}` })
  status?: DeliveryStatus[];
}

/** Which part of a list of events. */
export class EventQuery extends EventFilterDto {
  /** `next` of the page before. */
  @IsOptional()
  @Transform(blank)
  @IsUUID('all', { message: 'cursor must be `next` of the page before' })
  cursor?: string;

  /** Rows of a page. */
  @IsOptional()
  @Transform(blank)
  @Type(() => Number)
  @IsInt({ message: `limit must be a number from 1 to ${PAGE_SIZE.most}` })
  @Min(1)
  @Max(PAGE_SIZE.most)
  limit?: number;
}

/** Which part of a list of deliveries. */
export class DeliveryQuery extends DeliveryFilterDto {
  @IsOptional()
  @Transform(blank)
  @IsUUID('all', { message: 'cursor must be `next` of the page before' })
  cursor?: string;

  @IsOptional()
  @Transform(blank)
  @Type(() => Number)
  @IsInt({ message: `limit must be a number from 1 to ${PAGE_SIZE.most}` })
  @Min(1)
  @Max(PAGE_SIZE.most)
  limit?: number;
}
