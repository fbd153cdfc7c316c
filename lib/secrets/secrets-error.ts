import { WebhooksError } from '../common/webhooks-error.js';

/**
 * Something is wrong with the keys that encrypt secrets, or with an encrypted text. Its codes:
 *
 * - `WEBHOOKS_KEY_MISSING`: a secret is to be stored or read, and `secrets.keys` is empty
 * - `WEBHOOKS_KEY_INVALID`: an entry of `secrets.keys` is missing or no 32-byte key
 * - `WEBHOOKS_KEY_UNKNOWN`: a text was encrypted with a key that is not in `secrets.keys` any more
 * - `WEBHOOKS_SECRET_UNREADABLE`: a text was changed, cut, moved to another place, or is none of ours
 */
export class SecretsError extends WebhooksError {}
