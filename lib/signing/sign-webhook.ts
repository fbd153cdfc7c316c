import { SignatureError } from './signature-error.js';
import { hookSignature, standardSignature } from './signatures.js';

/** What is signed, and with what. */
export interface WebhookToSign {
  /** The delivery's id, the same on every retry: the receiver's key against duplicates. Without dots and spaces. */
  readonly id: string;
  /** Unix **seconds** of this attempt. */
  readonly timestamp: number;
  /** Exactly the bytes that are sent. */
  readonly body: string | Buffer;
  /** The current secret first, then the older ones that are still valid in a rotation, newest first. */
  readonly secrets: readonly string[];
}

/** The headers that carry the signature. (A type, because an interface would not pass as a record of headers.) */
export type SignatureHeaders = {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
  'x-hook-signature': string;
};

/**
 * Signs a request in two ways at once: Standard Webhooks `v1` (one signature for each secret, separated by spaces)
 * and `X-Hook-Signature`. The latter has room for one signature only, so it stays with the oldest secret that is
 * still valid, until its overlap ends.
 *
 * @throws SignatureError `WEBHOOKS_SECRET_INVALID`, `WEBHOOKS_SIGNATURE_INPUT_INVALID`
 */
export function signWebhook({ id, timestamp, body, secrets }: WebhookToSign): SignatureHeaders {
  const oldest = secrets.at(-1);
  if (oldest === undefined) {
    throw new SignatureError(
      'WEBHOOKS_SECRET_INVALID',
      'There is no secret to sign with. Give at least one.',
    );
  }
  // The signed text joins its three parts with dots: an id with a dot could be read as another id and timestamp.
  if (!/^[\x21-\x2d\x2f-\x7e]+$/.test(id)) {
    throw invalid(
      `The id ${JSON.stringify(id)} cannot be signed: use visible ASCII characters without dots.`,
    );
  }
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw invalid(`The timestamp ${timestamp} cannot be signed: give whole Unix seconds.`);
  }
  const seconds = String(timestamp);
  const signatures = secrets.map(
    (secret) => `v1,${standardSignature(secret, id, seconds, body).toString('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': signatures.join(' '),
    'x-hook-signature': hookSignature(oldest, body),
  };
}

function invalid(message: string): SignatureError {
  return new SignatureError('WEBHOOKS_SIGNATURE_INPUT_INVALID', message);
}
