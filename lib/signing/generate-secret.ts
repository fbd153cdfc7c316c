import { randomBytes } from 'node:crypto';
import { STANDARD_PREFIX } from './secret-bytes.js';

/** A new random secret in the form `whsec_…`: 32 bytes, where Standard Webhooks asks for 24 to 64. */
export function generateSecret(): string {
  return STANDARD_PREFIX + randomBytes(32).toString('base64');
}
