import { createHmac } from 'node:crypto';
import { secretBytes } from './secret-bytes.js';

/** HMAC-SHA256 over `id.timestamp.body`, the `v1` signature of Standard Webhooks, as its 32 bytes. */
export function standardSignature(
  secret: string,
  id: string,
  timestamp: string,
  body: string | Buffer,
): Buffer {
  return createHmac('sha256', secretBytes(secret)).update(`${id}.${timestamp}.`).update(body).digest();
}

/** HMAC-SHA512 over the body alone, keyed by the secret as typed: the value of `X-Hook-Signature`, in hex. */
export function hookSignature(secret: string, body: string | Buffer): string {
  return createHmac('sha512', secret).update(body).digest('hex');
}
