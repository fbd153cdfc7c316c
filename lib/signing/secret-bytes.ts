import { SignatureError } from './signature-error.js';

/** What a secret of Standard Webhooks starts with; the rest is the key in base64. */
export const STANDARD_PREFIX = 'whsec_';

/**
 * The key that a secret stands for: the decoded bytes of a `whsec_…` one, the UTF-8 bytes of any other.
 *
 * @throws SignatureError `WEBHOOKS_SECRET_INVALID` for an empty secret, or `whsec_` without standard base64 after it.
 */
export function secretBytes(secret: string): Buffer {
  if (secret === '')
    throw invalid('The secret is empty. Give one of at least 16 characters, or generate one.');
  if (!secret.startsWith(STANDARD_PREFIX)) return Buffer.from(secret, 'utf8');
  const text = secret.slice(STANDARD_PREFIX.length);
  // Node's decoder skips what it does not know; every verifier of the standard refuses it.
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) {
    throw invalid(
      'A secret that starts with "whsec_" must go on with standard base64 (A-Z a-z 0-9 + /), and this one does not. ' +
        'Generate one, or leave the prefix out if it is meant to be used as typed.',
    );
  }
  return Buffer.from(text, 'base64');
}

function invalid(message: string): SignatureError {
  return new SignatureError('WEBHOOKS_SECRET_INVALID', message);
}
