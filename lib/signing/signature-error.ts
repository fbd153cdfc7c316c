import { WebhooksError } from '../common/webhooks-error.js';

/**
 * A signature that cannot be made, or that does not hold. Its codes:
 *
 * - `WEBHOOKS_SECRET_INVALID`: a secret that is empty, or a `whsec_` one that is not base64
 * - `WEBHOOKS_SIGNATURE_INPUT_INVALID`: an id or a timestamp that cannot be signed
 * - `WEBHOOKS_SIGNATURE_MISSING`: the request lacks one of the three headers
 * - `WEBHOOKS_SIGNATURE_MALFORMED`: `webhook-timestamp` is not a number of seconds, or `webhook-id` holds a dot
 * - `WEBHOOKS_SIGNATURE_TOO_OLD`, `WEBHOOKS_SIGNATURE_TOO_NEW`: the timestamp is outside the tolerance
 * - `WEBHOOKS_SIGNATURE_MISMATCH`: no signature fits the body and any of the secrets
 */
export class SignatureError extends WebhooksError {}
