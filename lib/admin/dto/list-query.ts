import type { Type } from '@nestjs/common';
import { Transform, Type as ToNumber } from 'class-transformer';
import { IsDate, IsIn, IsInt, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { EVENTS, type WebhookEventName } from '../../common/events.js';
import { DELIVERY_STATUSES, type DeliveryStatus } from '../../model/webhook-delivery.entity.js';
import type { PageRequest } from '../queries/page-of.js';
import { Given } from './given.js';
import { readDto } from './read-dto.js';

/** Rows of a page unless asked otherwise, and at most. */
const PAGE_SIZE = { usual: 50, most: 200 } as const;
const LIMIT = `limit must be a number from 1 to ${PAGE_SIZE.most}`;

/** An empty field of a form says nothing. */
const blank = ({ value }: { value: unknown }): unknown => (value === '' ? undefined : value);
/** `a,b`, or repeated, or both. */
const texts = ({ value }: { value: unknown }): unknown => {
  if (value === undefined || value === '') return undefined;
  const parts = Array.isArray(value) ? (value as unknown[]) : [value];
  return [...new Set(parts.flatMap((part) => (typeof part === 'string' ? part.split(',') : [part])))];
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
  @Given()
  @Transform(blank)
  @IsString()
  @MaxLength(100)
  model?: string;

  @Given()
  @Transform(blank)
  @IsIn(EVENTS, { message: `event must be one of ${EVENTS.join(', ')}` })
  event?: WebhookEventName;

  @Given()
  @Transform(blank)
  @IsString()
  @MaxLength(255)
  objectId?: string;

  /** ISO 8601; without an offset, UTC. */
  @Given()
  @Transform(time)
  @IsDate({ message: 'since must be a time such as 2026-01-31 or 2026-01-31T12:00:00Z' })
  since?: Date;

  /** ISO 8601; without an offset, UTC. */
  @Given()
  @Transform(time)
  @IsDate({ message: 'until must be a time such as 2026-01-31 or 2026-01-31T12:00:00Z' })
  until?: Date;

  @Given()
  @Transform(blank)
  @IsString()
  @MaxLength(255)
  requestId?: string;

  @Given()
  @Transform(blank)
  @IsString()
  @MaxLength(255)
  username?: string;
}

/** What deliveries are searched by. */
export class DeliveryFilterDto extends EventFilterDto {
  @Given()
  @Transform(blank)
  @IsUUID('all', { message: 'webhookId must be the id of a webhook' })
  webhookId?: string;

  /** One or more, separated by commas. */
  @Given()
  @Transform(texts)
  @IsIn(DELIVERY_STATUSES, { each: true, message: `status may only name ${DELIVERY_STATUSES.join(', ')}` })
  status?: DeliveryStatus[];
}

/** Which events are replayed, to which webhook. */
export class ReplayQuery extends EventFilterDto {
  @Given()
  @Transform(blank)
  @IsUUID('all', { message: 'webhookId must be the id of a webhook' })
  webhookId?: string;
}

/** Which part of a list that a filter selects. */
function paged<Filter extends Type<object>>(filter: Filter) {
  class Paged extends (filter as Type<object>) {
    /** `next` of the page before. */
    @Given()
    @Transform(blank)
    @IsUUID('all', { message: 'cursor must be `next` of the page before' })
    cursor?: string;

    /** Rows of a page. */
    @Given()
    @Transform(blank)
    @ToNumber(() => Number)
    @IsInt({ message: LIMIT })
    @Min(1, { message: LIMIT })
    @Max(PAGE_SIZE.most, { message: LIMIT })
    limit?: number;
  }
  return Paged as Type<InstanceType<Filter> & Paged>;
}

/** Which events are listed. */
export class EventQuery extends paged(EventFilterDto) {}

/** Which deliveries are listed. */
export class DeliveryQuery extends paged(DeliveryFilterDto) {}

/** The filter and the page of a list, as its address says. @throws AdminError `WEBHOOKS_REQUEST_INVALID` */
export function readListQuery<Filter extends object>(
  dto: Type<Filter & { cursor?: string; limit?: number }>,
  given: unknown,
): { filter: Omit<Filter, 'cursor' | 'limit'>; page: PageRequest } {
  const { cursor, limit = PAGE_SIZE.usual, ...filter } = readDto(dto, given);
  return { filter, page: { limit, ...(cursor === undefined ? {} : { cursor }) } };
}
