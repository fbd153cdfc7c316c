import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { generateSecret } from '../../../lib/signing/generate-secret.js';
import { signWebhook } from '../../../lib/signing/sign-webhook.js';
import { toStandardSecret } from '../../../lib/signing/standard-secret.js';
import { codeOf } from '../../support/code-of.js';
import { verifyWebhook, type ReceivedHeaders } from '../../../lib/signing/verify-webhook.js';

const secret = 'a secret that was typed';
const body = '{"a":1}';
const timestamp = 1_700_000_000;
const signed = signWebhook({ id: 'd1', timestamp, body, secrets: [secret] });
const now = (): number => timestamp * 1_000;

it.each<[string, ReceivedHeaders]>([
  ['plain headers', { ...signed }],
  ['headers in title case', Object.fromEntries(Object.entries(signed).map(([k, v]) => [k.toUpperCase(), v]))],
  ['the web’s Headers', new Headers({ ...signed })],
  ['headers as lists', Object.fromEntries(Object.entries(signed).map(([k, v]) => [k, [v]]))],
])('accepts %s', (_, headers) => {
  expect(verifyWebhook(headers, Buffer.from(body), secret, { now })).toEqual({
    id: 'd1',
    timestamp: new Date(timestamp * 1_000),
  });
});

it('accepts what the npm package standardwebhooks signs', () => {
  const date = new Date();
  const headers = {
    'webhook-id': 'd2',
    'webhook-timestamp': String(Math.floor(date.getTime() / 1_000)),
    'webhook-signature': new Webhook(toStandardSecret(secret)).sign('d2', date, body),
  };
  expect(verifyWebhook(headers, body, [secret]).id).toBe('d2');
});

it('accepts any of several signatures with any of several secrets, among junk', () => {
  const old = generateSecret();
  const current = generateSecret();
  const both = signWebhook({ id: 'd1', timestamp, body, secrets: [current, old] })['webhook-signature'];
  const headers = { ...signed, 'webhook-signature': `v1a,xxxx v1, v1,AAAA ${both} v2,abc` };
  for (const secrets of [current, old, ['something else!!', old]]) {
    expect(verifyWebhook(headers, body, secrets, { now }).id).toBe('d1');
  }
  expect(() => verifyWebhook(headers, body, generateSecret(), { now })).toThrow(
    expect.objectContaining({ code: 'WEBHOOKS_SIGNATURE_MISMATCH' }),
  );
});

const mismatch = 'WEBHOOKS_SIGNATURE_MISMATCH';
const missing = 'WEBHOOKS_SIGNATURE_MISSING';
const malformed = 'WEBHOOKS_SIGNATURE_MALFORMED';

it.each<[string, string, unknown, unknown]>([
  ['no secret', 'WEBHOOKS_SECRET_INVALID', body, undefined],
  ['a list with a secret that is not there', 'WEBHOOKS_SECRET_INVALID', body, [secret, undefined]],
  ['a body that was parsed', 'WEBHOOKS_SIGNATURE_INPUT_INVALID', {}, secret],
  ['no body', 'WEBHOOKS_SIGNATURE_INPUT_INVALID', undefined, secret],
])('refuses %s with words of its own', (_, code, given, secrets) => {
  expect(() => verifyWebhook(signed, given as string, secrets as string, { now })).toThrow(
    expect.objectContaining({ code }),
  );
});

describe('refuses', () => {
  it.each<[string, string, Record<string, string | undefined>]>([
    ['another id', mismatch, { 'webhook-id': 'd2' }],
    ['another timestamp', mismatch, { 'webhook-timestamp': String(timestamp + 1) }],
    ['a signature cut short', mismatch, { 'webhook-signature': signed['webhook-signature'].slice(0, -8) }],
    ['only unknown versions', mismatch, { 'webhook-signature': 'v9,AAAA' }],
    ['a list joined by commas', mismatch, { 'webhook-signature': `v1,AA,${signed['webhook-signature']}` }],
    ['a missing id', missing, { 'webhook-id': undefined }],
    ['a missing timestamp', missing, { 'webhook-timestamp': undefined }],
    ['an empty signature', missing, { 'webhook-signature': '' }],
    ['a timestamp in words', malformed, { 'webhook-timestamp': 'yesterday' }],
    ['a timestamp with an exponent', malformed, { 'webhook-timestamp': '17e8' }],
  ])('%s', (_, code, change) => {
    expect(codeOf(() => verifyWebhook({ ...signed, ...change }, body, secret, { now }))).toBe(code);
  });

  it.each<[string, string, string | string[]]>([
    ['a changed body', '{"a":2}', secret],
    ['an empty body', '', secret],
    ['another secret', body, 'a secret that was typec'],
    ['an empty list of secrets', body, []],
  ])('%s', (_, received, secrets) => {
    expect(codeOf(() => verifyWebhook(signed, received, secrets, { now }))).toBe(mismatch);
  });
});

it.each([
  [-300, 300_000, null],
  [-301, 300_000, 'WEBHOOKS_SIGNATURE_TOO_OLD'],
  [300, 300_000, null],
  [301, 300_000, 'WEBHOOKS_SIGNATURE_TOO_NEW'],
  [-301, undefined, 'WEBHOOKS_SIGNATURE_TOO_OLD'],
  [-10, 10_000, null],
  [-11, 10_000, 'WEBHOOKS_SIGNATURE_TOO_OLD'],
])('judges a timestamp %i s off with a tolerance of %s ms', (offset, tolerance, code) => {
  const options = {
    now: () => (timestamp - offset) * 1_000,
    ...(tolerance === undefined ? {} : { tolerance }),
  };
  expect(codeOf(() => verifyWebhook(signed, body, secret, options))).toBe(code);
});
