import { WebhooksError } from '../common/webhooks-error.js';

/** A filter that selects something else than was meant. Names every wrong part of it at once. */
export class FilterInvalidError extends WebhooksError {
  constructor(readonly faults: readonly string[]) {
    super(
      'WEBHOOKS_FILTER_INVALID',
      `Nothing was selected, because the filter is wrong: ${faults.join('; ')}. Correct it and try again.`,
    );
  }
}
