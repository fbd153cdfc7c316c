import { SignatureError } from './signature-error.js';
import { secretBytes, STANDARD_PREFIX } from './secret-bytes.js';

/**
 * Says what is wrong with a secret that somebody typed, or `null` if it may be used: a `whsec_…` one must hold 24 to
 * 64 bytes as Standard Webhooks asks, any other needs 16 to 255 characters.
 *
 * Signing itself is more patient, because the `whsec_` form of a short typed secret is short too.
 */
export function checkSecret(secret: string): string | null {
  if (!secret.startsWith(STANDARD_PREFIX)) {
    if (secret.length < 16)
      return 'The secret needs at least 16 characters, or leave it out to have one generated.';
    return secret.length > 255 ? 'The secret may have at most 255 characters.' : null;
  }
  try {
    const { length } = secretBytes(secret);
    if (length >= 24 && length <= 64) return null;
    return `A "whsec_" secret must hold 24 to 64 bytes, and this one holds ${length}. Leave it out to have one generated.`;
  } catch (error) {
    if (error instanceof SignatureError) return error.message;
    throw error;
  }
}
