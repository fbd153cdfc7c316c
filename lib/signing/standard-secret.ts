import { secretBytes, STANDARD_PREFIX } from './secret-bytes.js';

/**
 * The `whsec_…` form of any secret, as verifiers of Standard Webhooks take it. A secret that already has the form
 * comes back with canonical padding.
 *
 * @throws SignatureError `WEBHOOKS_SECRET_INVALID`
 */
export function toStandardSecret(secret: string): string {
  return STANDARD_PREFIX + secretBytes(secret).toString('base64');
}
