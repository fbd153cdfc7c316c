import type { WebhookEventName } from '../common/events.js';

/** A change as capture hands it over; texts are JSON and are stored as they are. */
export interface CapturedEvent {
  readonly model: string;
  readonly event: WebhookEventName;
  readonly objectId: string;
  /** The other key when the primary key itself was changed. */
  readonly counterpartId: string | null;
  readonly username: string | null;
  readonly requestId: string | null;
  readonly data: string;
  readonly prechange: string | null;
  readonly postchange: string | null;
  /** Names of the changed properties. */
  readonly changed: readonly string[];
}
