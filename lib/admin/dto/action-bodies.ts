import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { EVENTS, type WebhookEventName } from '../../common/events.js';
import type { WebhookInput } from '../../webhooks/webhook-input.js';
import { Given } from './given.js';
import { DeliveryFilterDto } from './list-query.js';

const blank = ({ value }: { value: unknown }): unknown => (value === '' ? undefined : value);

/** What is previewed, and against what. */
export class PreviewBody {
  /** The definition; with `id`, what of the saved one is changed. */
  @IsOptional()
  @IsObject({ message: 'webhook must be an object: a definition, or a part of one' })
  webhook?: Partial<WebhookInput>;

  @IsOptional()
  @IsUUID('all', { message: 'id must be the id of a webhook' })
  id?: string;

  @IsOptional()
  @Transform(blank)
  @IsUUID('all', { message: 'eventId must be the id of an event' })
  eventId?: string;

  @IsOptional()
  @Transform(blank)
  @IsString()
  @MaxLength(100)
  model?: string;

  @IsOptional()
  @Transform(blank)
  @IsString()
  @MaxLength(255)
  objectId?: string;

  @IsOptional()
  @IsBoolean()
  sample?: boolean;

  @IsOptional()
  @Transform(blank)
  @IsIn(EVENTS, { message: `event must be one of ${EVENTS.join(', ')}` })
  event?: WebhookEventName;
}

/** What a test send is about. */
export class TestBody {
  /** Sends as for this event; by default the latest one that the webhook listens to. */
  @IsOptional()
  @Transform(blank)
  @IsUUID('all', { message: 'eventId must be the id of an event' })
  eventId?: string;
}

/** How a secret is replaced. */
export class RotateBody {
  /** Generated unless given. */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  secret?: string;

  /** Milliseconds for which both secrets sign. @defaultValue a day */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(30 * 24 * 3_600_000)
  overlap?: number;
}

/** An action on many deliveries. */
export class BulkBody {
  /** `{}` selects all. */
  @IsObject({
    message: ({ value }) =>
      value === undefined || value === null
        ? 'filter is missing; send {} to mean all'
        : 'filter must be an object',
  })
  @ValidateNested({ message: 'filter has a wrong value' })
  @Type(() => DeliveryFilterDto)
  filter!: DeliveryFilterDto;

  /** Count only. */
  @Given()
  @IsBoolean()
  dryRun?: boolean;
}

/** New deliveries of many events. */
export class ReplayBody extends BulkBody {
  /** The webhook that gets them. */
  @IsUUID('all', { message: 'webhookId must be the id of a webhook' })
  webhookId!: string;
}

/** New deliveries of one event. */
export class ReplayEventBody {
  @IsUUID('all', { message: 'webhookId must be the id of a webhook' })
  webhookId!: string;
}
