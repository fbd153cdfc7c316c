import type { WebhookEventName } from '../common/events.js';
import type { DeliveryTrigger } from '../model/webhook-delivery.entity.js';
import type { Webhook } from '../model/webhook.entity.js';

/** A lock of one delivery: nobody else sends it until it is given back, recorded or over. */
export interface DeliveryLock {
  readonly token: string;
  /** When it was taken, in milliseconds by the database's clock. */
  readonly at: number;
  /** The same by this process's clock, to tell the database's time later. */
  readonly taken: number;
}

/** A delivery that is locked, with what is needed to send it. */
export interface DeliveryWork {
  readonly id: string;
  readonly webhookId: string;
  readonly objectId: string;
  readonly trigger: DeliveryTrigger;
  readonly nextTrigger: DeliveryTrigger | null;
  /** That count against the schedule. */
  readonly attempts: number;
  /** All. */
  readonly made: number;
  /** Before the schedule was started again. */
  readonly madeBefore: number;
  readonly lock: DeliveryLock;
  /** Whether `body` is fixed. */
  readonly rendered: boolean;
  /** As it is kept. */
  readonly body: string | null;
  /** Whether the body is fixed as the default one, which was not written yet. */
  readonly hasDefaultBody: boolean;
  /** `null` when it is no longer kept. */
  readonly event: DeliveryEvent | null;
  /** The definition; its health may be old. `null` when the webhook was deleted. */
  readonly webhook: Webhook | null;
  readonly endpoint: EndpointState;
}

/** The state of the endpoint, as read with the delivery. */
export interface EndpointState {
  readonly enabled: boolean;
  /** Its last attempt failed. */
  readonly failing: boolean;
  /** It rests after failures in a row. */
  readonly resting: boolean;
  /** Its rest is over, and a probe decides. */
  readonly probing: boolean;
}

/** The event as it was captured. */
export interface DeliveryEvent {
  readonly id: string;
  readonly model: string;
  readonly event: WebhookEventName;
  /** The other key of an object whose key was changed. */
  readonly counterpartId: string | null;
  readonly occurredAt: Date;
  readonly username: string | null;
  readonly requestId: string | null;
  readonly traceparent: string | null;
  readonly data: string;
  readonly prechange: string | null;
  readonly postchange: string | null;
  readonly changed: readonly string[];
}

/** Whether it was made to try the webhook out: sent once, whatever the endpoint's state, and counted nowhere. */
export function isTest({ trigger }: Pick<DeliveryWork, 'trigger'>): boolean {
  return trigger === 'test' || trigger === 'ping';
}
