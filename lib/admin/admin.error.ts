import { WebhooksError, type WebhooksErrorCode } from '../common/webhooks-error.js';
import { faultsText, type FieldFaults } from '../webhooks/webhook-invalid.error.js';

/**
 * A request that the admin routes refuse. Its codes:
 *
 * - `WEBHOOKS_REQUEST_INVALID` (422): a parameter or a part of the body has a wrong value; `fields` says which
 * - `WEBHOOKS_REQUEST_MALFORMED` (400): the body is no JSON object or form
 * - `WEBHOOKS_REQUEST_TOO_LARGE` (413): the body is larger than a megabyte
 * - `WEBHOOKS_CROSS_SITE` (403): a browser sent it from another site
 * - `WEBHOOKS_CONFLICT` (409): somebody else was faster
 * - `WEBHOOKS_QUEUE_UNREACHABLE` (503): the store of the queue cannot be reached
 * - `WEBHOOKS_INTERNAL` (500): something failed here; the log says what
 */
export class AdminError extends WebhooksError {
  constructor(
    readonly statusCode: number,
    code: WebhooksErrorCode,
    message: string,
    readonly fields?: FieldFaults,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** A request with wrong values, by field. */
export function requestInvalid(fields: FieldFaults): AdminError {
  const message = `The request cannot be used: ${faultsText(fields)}.`;
  return new AdminError(422, 'WEBHOOKS_REQUEST_INVALID', message, fields);
}
