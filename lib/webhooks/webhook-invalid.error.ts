import { WebhooksError } from '../common/webhooks-error.js';

/** What is wrong, by field. */
export type FieldFaults = Readonly<Record<string, readonly string[]>>;

/** All faults in one sentence, without the point at its end. */
export function faultsText(fields: FieldFaults): string {
  return Object.values(fields)
    .flat()
    .map((fault) => fault.replace(/(?<!\.)\.$/, ''))
    .join('; ');
}

/** A webhook that cannot be saved. Names every wrong field at once. */
export class WebhookInvalidError extends WebhooksError {
  constructor(readonly fields: FieldFaults) {
    super(
      'WEBHOOKS_WEBHOOK_INVALID',
      `The webhook was not saved: ${faultsText(fields)}. Correct these fields and save it again.`,
    );
  }
}
