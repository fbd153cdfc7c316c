import type { WebhookEventName } from '../common/events.js';
import type { DeliveryStatus, DeliveryTrigger } from '../model/webhook-delivery.entity.js';
import type { Webhook } from '../model/webhook.entity.js';

/** A delivery with what is needed to send it. */
export interface DeliveryWork {
  readonly id: string;
  readonly status: DeliveryStatus;
  readonly trigger: DeliveryTrigger;
  readonly attempts: number;
  readonly rendered: boolean;
  readonly body: string | null;
  readonly event: DeliveryEvent;
  /** `null` when the webhook was deleted. */
  readonly webhook: Webhook | null;
}

/** The event as it was captured. */
export interface DeliveryEvent {
  readonly id: string;
  readonly model: string;
  readonly event: WebhookEventName;
  readonly occurredAt: Date;
  readonly username: string | null;
  readonly requestId: string | null;
  readonly data: string;
  readonly prechange: string | null;
  readonly postchange: string | null;
  readonly changed: readonly string[];
}
