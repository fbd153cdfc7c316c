import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { checkSecret } from '../../../lib/signing/check-secret.js';
import { generateSecret } from '../../../lib/signing/generate-secret.js';
import { signWebhook } from '../../../lib/signing/sign-webhook.js';
import { codeOf } from '../../support/code-of.js';
import { toStandardSecret } from '../../../lib/signing/standard-secret.js';

const vector = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1_614_265_330,
  body: '{"test": 2432232314}',
  secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
};
const now = (): number => Math.floor(Date.now() / 1_000);

it('makes the signatures of the published test vector', () => {
  expect(signWebhook(vector)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    // `openssl dgst -sha512 -hmac` with the secret as typed, prefix included
    'x-hook-signature':
      '29b735f30694bb57c767b097fc984006299ba0a13640bf3870df6c36d865575a' +
      '5cc93a1e505c4456e0d409740e0cfc6d2209bd017b23d911ce2d705618cdb84f',
  });
});

it('signs a buffer and the same text alike', () => {
  expect(signWebhook({ ...vector, body: Buffer.from(vector.body) })).toEqual(signWebhook(vector));
});

describe('read by the npm package standardwebhooks', () => {
  it.each([
    ['a generated secret', generateSecret()],
    ['a typed secret', 'correct horse battery staple'],
    ['a typed secret outside ASCII', 'schlüssel-öffnet-türen'],
    ['a whsec_ secret without padding', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAA'],
  ])('%s verifies', (_, secret) => {
    const body = '{"text":"grüße 🎉"}';
    const headers = signWebhook({ id: 'd1', timestamp: now(), body, secrets: [secret] });
    const webhook = new Webhook(toStandardSecret(secret));
    expect(webhook.verify(body, { ...headers })).toEqual({ text: 'grüße 🎉' });
    expect(() => webhook.verify(`${body} `, { ...headers })).toThrow('No matching signature');
  });

  it('a rotation verifies with the new and with the old secret', () => {
    const secrets = [generateSecret(), generateSecret()] as const;
    const headers = signWebhook({ id: 'd1', timestamp: now(), body: '{}', secrets });
    for (const secret of secrets) expect(new Webhook(secret).verify('{}', { ...headers })).toEqual({});
    expect(() => new Webhook(generateSecret()).verify('{}', { ...headers })).toThrow('No matching signature');
  });
});

it('keeps X-Hook-Signature on the old secret until the rotation ends', () => {
  const during = signWebhook({ ...vector, secrets: ['the new secret!!', 'the old secret!!'] });
  const before = signWebhook({ ...vector, secrets: ['the old secret!!'] });
  const after = signWebhook({ ...vector, secrets: ['the new secret!!'] });
  expect(during['x-hook-signature']).toBe(before['x-hook-signature']);
  expect(during['x-hook-signature']).not.toBe(after['x-hook-signature']);
  expect(during['webhook-signature']).toBe(`${after['webhook-signature']} ${before['webhook-signature']}`);
});

it.each([
  ['no secret', { secrets: [] }, 'WEBHOOKS_SECRET_INVALID'],
  ['an empty secret', { secrets: [''] }, 'WEBHOOKS_SECRET_INVALID'],
  ['whsec_ alone', { secrets: ['whsec_'] }, 'WEBHOOKS_SECRET_INVALID'],
  ['base64url after whsec_', { secrets: ['whsec_ab-_ab-_ab-_ab-_'] }, 'WEBHOOKS_SECRET_INVALID'],
  ['an impossible length of base64', { secrets: ['whsec_abcde'] }, 'WEBHOOKS_SECRET_INVALID'],
  ['a dot in the id', { id: 'a.1' }, 'WEBHOOKS_SIGNATURE_INPUT_INVALID'],
  ['a line break in the id', { id: 'a\r\nb' }, 'WEBHOOKS_SIGNATURE_INPUT_INVALID'],
  ['an empty id', { id: '' }, 'WEBHOOKS_SIGNATURE_INPUT_INVALID'],
  ['a timestamp with a fraction', { timestamp: 1.5 }, 'WEBHOOKS_SIGNATURE_INPUT_INVALID'],
  ['a timestamp that is no number', { timestamp: Number.NaN }, 'WEBHOOKS_SIGNATURE_INPUT_INVALID'],
])('refuses %s', (_, change, code) => {
  expect(codeOf(() => signWebhook({ ...vector, ...change }))).toBe(code);
});

it('generates secrets of 32 bytes that differ', () => {
  const secrets = new Set(Array.from({ length: 50 }, generateSecret));
  expect(secrets.size).toBe(50);
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(checkSecret(secret)).toBeNull();
  }
});

it.each([
  'sixteen chars...',
  `whsec_${Buffer.alloc(24).toString('base64')}`,
  `whsec_${Buffer.alloc(64).toString('base64')}`,
])('accepts the typed secret %j', (secret) => {
  expect(checkSecret(secret)).toBeNull();
});

it.each([
  ['fifteen chars..', 'at least 16 characters'],
  ['', 'at least 16 characters'],
  ['x'.repeat(256), 'at most 255'],
  [`whsec_${Buffer.alloc(23).toString('base64')}`, 'this one holds 23'],
  [`whsec_${Buffer.alloc(65).toString('base64')}`, 'this one holds 65'],
  ['whsec_not base64 at all', 'standard base64'],
])('refuses the typed secret %j', (secret, problem) => {
  expect(checkSecret(secret)).toContain(problem);
});
