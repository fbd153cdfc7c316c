import { describe, expect, it } from 'vitest';
import { signWebhook } from '../../../lib/signing/sign-webhook.js';
import {
  verifyWebhook,
  type ReceivedHeaders,
  type VerifyOptions,
} from '../../../lib/signing/verify-webhook.js';
import { codeOf } from '../../support/code-of.js';

const SECRET = 'sixteen characters';
const BODY = '1700000001.25';
const signed = signWebhook({ id: 'msg', timestamp: 1_700_000_000, body: BODY, secrets: [SECRET] });
const signature = signed['webhook-signature'];
const now = (): number => 1_700_000_000_000;
const verdict = (headers: ReceivedHeaders, body = BODY, options: VerifyOptions = {}): string | null =>
  codeOf(() => verifyWebhook(headers, body, [SECRET], { now, ...options }));

describe('a signed request', () => {
  it('cannot be cut up in another way', () => {
    const moved = { ...signed, 'webhook-id': 'msg.1700000000', 'webhook-timestamp': '1700000001' };
    expect(verdict(moved, '25')).toBe('WEBHOOKS_SIGNATURE_MALFORMED');
  });

  it.each([
    { tolerance: Number.NaN, now: () => 9e15 },
    { now: () => Number.NaN },
    { tolerance: Number.NaN },
    { tolerance: -1 },
  ])('does not pass by a clock or tolerance that is no number: %o', (options) => {
    expect(verdict(signed, BODY, options)).toBe('WEBHOOKS_SIGNATURE_TOO_OLD');
  });

  it.each(['-1', '1e9', '1700000000.0', '+1700000000', ' 1700000000', '1700000000\n', '0x65', 'NaN', '١٧٠٠٠٠٠٠٠٠', '9'.repeat(400)])(
    'has no such time: %j',
    (timestamp) => {
      expect(verdict({ ...signed, 'webhook-timestamp': timestamp })).toBe('WEBHOOKS_SIGNATURE_MALFORMED');
    },
  ); // prettier-ignore

  it.each([
    'v1,', 'v1,AAAA', signature.replace('v1', 'v2'), signature.replace('v1', 'V1'), `v1,x${signature}`, `v1,A\t${signature}`,
    `v1,A,${signature}`, `v1,AAAA${signature.slice(3)}`, signature.slice(0, 20), `${signature.slice(0, -4)}AAA= `.repeat(4_000), ' ',
  ])('has no such signature: %.40j', (text) => {
    expect(verdict({ ...signed, 'webhook-signature': text })).toBe('WEBHOOKS_SIGNATURE_MISMATCH');
  }); // prettier-ignore

  it.each([
    [{ ...signed, 'webhook-id': ['msg', 'msg'] }, 'WEBHOOKS_SIGNATURE_MISMATCH'],
    [{ 'Webhook-Id': 'other', ...signed }, 'WEBHOOKS_SIGNATURE_MISMATCH'],
    [{ ...signed, 'webhook-timestamp': '01700000000' }, 'WEBHOOKS_SIGNATURE_MISMATCH'],
    [Object.create(signed) as typeof signed, 'WEBHOOKS_SIGNATURE_MISSING'],
    [{ ...signed, 'webhook-signature': [] }, 'WEBHOOKS_SIGNATURE_MISSING'],
    [{ ...signed, 'webhook-signature': ['v2,x v1,AAAA', signature] }, null],
  ])('with odd lists of headers: %#', (headers, code) => {
    expect(verdict(headers)).toBe(code);
  });
});
