import { WebhookAttempt } from './webhook-attempt.entity.js';
import { WebhookDelivery } from './webhook-delivery.entity.js';
import { WebhookEvent } from './webhook-event.entity.js';
import { Webhook } from './webhook.entity.js';

/** The entities of this library, for data sources that list theirs by hand instead of `autoLoadEntities`. */
export const WEBHOOKS_ENTITIES = [Webhook, WebhookEvent, WebhookDelivery, WebhookAttempt] as const;
