import { timingSafeEqual } from 'node:crypto';
import { systemClock, type Clock } from '../common/clock.js';
import { SignatureError } from './signature-error.js';
import { standardSignature } from './signatures.js';

/** Headers as Node, Express and Fastify give them, or the web's `Headers`. Names in any case. */
export type ReceivedHeaders = Readonly<Record<string, string | readonly string[] | undefined>> | Headers;

/** How strictly a signature is looked at. */
export interface VerifyOptions {
  /**
   * Milliseconds by which the timestamp may differ from now, in both directions.
   *
   * @defaultValue `300_000`
   */
  readonly tolerance?: number;
  /** The clock. Default: the process's own. */
  readonly now?: Clock;
}

/** What a verified request says about itself. */
export interface VerifiedWebhook {
  /** The same on every retry: remember it to drop duplicates. */
  readonly id: string;
  /** When this attempt was signed. */
  readonly timestamp: Date;
}

/**
 * Checks the Standard Webhooks signature of a received request, in constant time. Any one of the request's `v1`
 * signatures may fit any one of the secrets, which is what a rotation needs.
 *
 * @param body the raw body as received, not parsed and serialised again
 * @throws SignatureError `WEBHOOKS_SIGNATURE_MISSING`, `…_MALFORMED`, `…_TOO_OLD`, `…_TOO_NEW`, `…_MISMATCH`,
 * `WEBHOOKS_SECRET_INVALID`, or `WEBHOOKS_SIGNATURE_INPUT_INVALID` for a body that is not raw
 */
export function verifyWebhook(
  headers: ReceivedHeaders,
  body: string | Buffer,
  secrets: string | readonly string[],
  { tolerance = 300_000, now = systemClock }: VerifyOptions = {},
): VerifiedWebhook {
  const id = required(headers, 'webhook-id');
  const seconds = required(headers, 'webhook-timestamp');
  const signatures = required(headers, 'webhook-signature');
  // The signed text joins its parts with dots: with one in the id, a signed request could be cut up in another way.
  if (id.includes('.')) {
    throw new SignatureError(
      'WEBHOOKS_SIGNATURE_MALFORMED',
      'The header webhook-id holds a dot, which no id of a Standard Webhooks sender has.',
    );
  }
  const timestamp = checkedTime(seconds, tolerance, now());
  const received = signatures
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice(3), 'base64'));

  requireRaw(body);
  let matches = false;
  for (const secret of secretsOf(secrets)) {
    const expected = standardSignature(secret, id, seconds, body);
    for (const signature of received) {
      if (signature.length === expected.length && timingSafeEqual(signature, expected)) matches = true;
    }
  }
  if (!matches) {
    throw new SignatureError(
      'WEBHOOKS_SIGNATURE_MISMATCH',
      received.length === 0
        ? 'The header webhook-signature holds no "v1" signature. Check that it arrives unchanged.'
        : 'No signature fits the body and the secret. Check that the secret is the webhook’s, and that the body is the raw one as received.',
    );
  }
  return { id, timestamp };
}

/** Of types that a receiver without TypeScript, or with a request of type `any`, does not see. */
function requireRaw(body: unknown): void {
  if (typeof body === 'string' || body instanceof Uint8Array) return;
  throw new SignatureError(
    'WEBHOOKS_SIGNATURE_INPUT_INVALID',
    `The body is ${typeof body === 'object' ? 'an object' : typeof body}, and must be the text or bytes that arrived: what is parsed ` +
      'and serialised again may differ. In Nest, use `rawBody: true` and `request.rawBody`.',
  );
}

function secretsOf(given: string | readonly string[]): readonly string[] {
  const secrets: unknown = typeof given === 'string' ? [given] : given;
  const areTexts = Array.isArray(secrets) && secrets.every((secret) => typeof secret === 'string');
  if (areTexts) return secrets;
  throw new SignatureError(
    'WEBHOOKS_SECRET_INVALID',
    'There is no secret to verify with: a text, or a list of texts, is needed. Is the environment variable set?',
  );
}

function checkedTime(seconds: string, tolerance: number, now: number): Date {
  if (!/^\d{1,12}$/.test(seconds)) {
    throw new SignatureError(
      'WEBHOOKS_SIGNATURE_MALFORMED',
      `The header webhook-timestamp is ${JSON.stringify(seconds)}, and should be Unix seconds.`,
    );
  }
  const time = Number(seconds) * 1_000;
  const off = `${Math.round(Math.abs(now - time) / 1_000)} s, where ${tolerance / 1_000} s are allowed`;
  // Asked in this way, a clock or tolerance that is no number (an option that was not set) lets nothing pass.
  if (!(time >= now - tolerance)) {
    throw new SignatureError(
      'WEBHOOKS_SIGNATURE_TOO_OLD',
      `The request was signed too long ago: ${off}. It is a replay, or the clocks differ.`,
    );
  }
  if (!(time <= now + tolerance)) {
    throw new SignatureError(
      'WEBHOOKS_SIGNATURE_TOO_NEW',
      `The request was signed in the future: ${off}. Check the clocks of sender and receiver.`,
    );
  }
  return new Date(time);
}

function required(headers: ReceivedHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : find(headers, name);
  if (value) return value;
  throw new SignatureError(
    'WEBHOOKS_SIGNATURE_MISSING',
    `The request has no header ${name}. It was not sent by a Standard Webhooks sender, or something on the way dropped it.`,
  );
}

function find(headers: Exclude<ReceivedHeaders, Headers>, name: string): string | null {
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() !== name || value === undefined) continue;
    return typeof value === 'string' ? value : value.join(' ');
  }
  return null;
}
