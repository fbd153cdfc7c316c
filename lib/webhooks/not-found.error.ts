import { WebhooksError } from '../common/webhooks-error.js';

/** There is nothing with this id. */
export class NotFoundError extends WebhooksError {
  constructor(what: 'webhook' | 'delivery' | 'event' | 'object' | 'model', id: string) {
    super(
      'WEBHOOKS_NOT_FOUND',
      `There is no ${what} with the id ${id}. It may have been deleted; look it up in the list.`,
    );
  }
}
