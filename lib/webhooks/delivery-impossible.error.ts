import { WebhooksError } from '../common/webhooks-error.js';

/** A delivery cannot be sent (again): what it needs is gone, or its webhook is disabled. */
export class DeliveryImpossibleError extends WebhooksError {
  constructor(message: string) {
    super('WEBHOOKS_DELIVERY_IMPOSSIBLE', message);
  }
}
