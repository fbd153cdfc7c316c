import type { WebhookEventName } from '../common/events.js';
import type { DeliveryStatus } from '../model/webhook-delivery.entity.js';

/**
 * Selects deliveries: all that is given must hold; `{}` selects all, and an empty list none. Of events, `status` and
 * `webhookId` select those that have such a delivery.
 */
export interface DeliveryFilter {
  /** Only these deliveries, or events. */
  readonly ids?: readonly string[];
  readonly webhookId?: string;
  readonly model?: string;
  readonly event?: WebhookEventName;
  readonly objectId?: string;
  readonly status?: DeliveryStatus | readonly DeliveryStatus[];
  /** Made at this time or later; of events: happened. */
  readonly since?: Date;
  /** Made before this time; of events: happened. */
  readonly until?: Date;
  /** Of the request that made the change. */
  readonly requestId?: string;
  /** Who made the change. */
  readonly username?: string;
}

/** Whether an action on many is only counted. */
export interface BulkOptions {
  /** @defaultValue `false` */
  readonly dryRun?: boolean;
}

/** On how many an action was, or would be, done. */
export interface BulkResult {
  readonly count: number;
}

/** Which part of a replay is done. */
export interface ReplayOptions extends BulkOptions {
  /** Events looked at, at most. @defaultValue all that are selected */
  readonly limit?: number;
  /** Goes on behind this event: `next` of the part before. */
  readonly after?: string;
}

/** How many deliveries a replay made, or would make. */
export interface ReplayResult extends BulkResult {
  /** Where to go on when `limit` ended it; left out when nothing is left. */
  readonly next?: string;
}
