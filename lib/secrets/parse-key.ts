import { SecretsError } from './secrets-error.js';

const HOW_TO = 'Make one with `openssl rand -base64 32`, and keep it outside the database.';

/**
 * The 32 bytes of one entry of `secrets.keys`, given as base64, base64url or hex.
 *
 * @throws SecretsError `WEBHOOKS_KEY_INVALID`; the message names the entry and never repeats its value.
 */
export function parseKey(key: unknown, index: number): Buffer {
  const name = `secrets.keys[${index}]`;
  if (key === undefined || key === null || key === '') {
    throw new SecretsError(
      'WEBHOOKS_KEY_INVALID',
      `${name} is ${key === '' ? 'empty' : String(key)}: the environment variable behind it is probably not set. ${HOW_TO}`,
    );
  }
  if (typeof key !== 'string') {
    throw new SecretsError(
      'WEBHOOKS_KEY_INVALID',
      `${name} is a ${typeof key}, and must be a string. ${HOW_TO}`,
    );
  }
  const bytes = decode(key.trim());
  if (bytes?.length === 32) return bytes;
  throw new SecretsError(
    'WEBHOOKS_KEY_INVALID',
    bytes === null
      ? `${name} is neither base64 nor hex. ${HOW_TO}`
      : `${name} holds ${bytes.length} bytes, and must hold 32. ${HOW_TO}`,
  );
}

function decode(text: string): Buffer | null {
  // 64 hex digits are also base64, of 48 bytes: what fits exactly is what is meant.
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null;
}
