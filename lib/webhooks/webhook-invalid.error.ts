import { WebhooksError } from '../common/webhooks-error.js';

/** What is wrong, by field. */
export type FieldFaults = Readonly<Record<string, readonly string[]>>;

/** A webhook that cannot be saved. Names every wrong field at once. */
export class WebhookInvalidError extends WebhooksError {
  constructor(readonly fields: FieldFaults) {
    super(
      'WEBHOOKS_WEBHOOK_INVALID',
      `The webhook was not saved: ${Object.values(fields).flat().join('; ')}. Correct these fields and save it again.`,
    );
  }
}
