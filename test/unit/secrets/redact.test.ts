import { describe, expect, it } from 'vitest';
import { createRedactor, redact } from '../../../lib/secrets/redact.js';
import { redactHeaders } from '../../../lib/secrets/redact-headers.js';

const secret = `s3cr"t\\ & <päss>/wörd'+🎉`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

it.each([
  ['as it is', secret],
  ['in JSON', JSON.stringify({ key: secret })],
  ['in JSON inside JSON', JSON.stringify({ body: JSON.stringify({ key: secret }) })],
  ['in ASCII-only JSON', '"s3cr\\"t\\\\ & <p\\u00E4ss>/w\\u00f6rd\'+\\ud83c\\udf89"'],
  ['percent-encoded', `https://example.com/?q=${encodeURIComponent(secret)}`],
  ['percent-encoded in lower case', encodeURIComponent(secret).toLowerCase()],
  ['form-encoded', new URLSearchParams({ key: secret }).toString()],
  ['escaped for HTML', 's3cr&quot;t\\ &amp; &lt;päss&gt;/wörd&#39;+🎉'],
  ['in upper case', secret.toUpperCase()],
  ['in base64', base64(secret)],
  ['in base64url', Buffer.from(secret).toString('base64url')],
  ['in base64 at offset 1', base64(`u${secret}`)],
  ['in base64 at offset 2', base64(`us${secret}`)],
  ['in base64 behind a user name', base64(`user:${secret}:more`)],
])('masks a secret %s', (_, text) => {
  const masked = redact(`before ${text} after`, [secret]);
  expect(masked).toMatch(/^before .*\[redacted\].* after$/s);
  for (const part of ['s3cr', 'wörd', base64(secret).slice(8, 16)]) expect(masked).not.toContain(part);
});

it('masks the bytes of a whsec_ secret without its prefix too', () => {
  expect(redact('key=MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw;', ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toBe(
    'key=[redacted];',
  );
});

it('masks the longest of values that contain each other', () => {
  expect(redact('token-longer token', ['token', 'token-longer'])).toBe('[redacted] [redacted]');
});

it('masks the beginning of a secret where a text was cut off', () => {
  expect(redact('echo: hunter2-hun', ['hunter2-hunter2'])).toBe('echo: [redacted]');
  expect(redact(`echo: ${base64('hunter2-hunter2').slice(0, 12)}`, ['hunter2-hunter2'])).toBe(
    'echo: [redacted]',
  );
  expect(redact('echo: hunt', ['hunter2-hunter2'])).toBe('echo: hunt');
});

it('leaves other texts alone, and takes odd values', () => {
  expect(redact('nothing to hide (here)', [])).toBe('nothing to hide (here)');
  expect(redact('nothing to hide (here)', ['', '.*', '[a-z]+', '\ud800'])).toBe('nothing to hide (here)');
});

it('stays linear in the text', () => {
  const mask = createRedactor(['\\'.repeat(200), 'a'.repeat(200), `${'a'.repeat(199)}b`]);
  const start = performance.now();
  mask('a'.repeat(64_000) + '\\'.repeat(64_000));
  expect(performance.now() - start).toBeLessThan(1_000);
});

describe('redactHeaders', () => {
  it.each([
    'Authorization',
    'proxy-authorization',
    'WWW-Authenticate',
    'Proxy-Authenticate',
    'Cookie',
    'set-cookie',
    'X-API-Key',
    'x-auth-token',
    'Private-Token',
    'X-Vault-Token',
    'X_Api_Key',
    'X-Access-Key',
    'X-Client-Secret',
  ])('masks %s whole', (name) => {
    expect(redactHeaders({ [name]: 'Bearer abc' })).toEqual({ [name]: '[redacted]' });
    expect(redactHeaders({ [name]: ['a', 'b'] })).toEqual({ [name]: ['[redacted]', '[redacted]'] });
  });

  it('keeps the others, but for secret values in them', () => {
    const headers = {
      'content-type': 'application/json',
      'webhook-signature': 'v1,abc',
      'idempotency-key': 'k',
      'x-tenant': 'id hunter2-hunter2',
      'x-hunter2-hunter2': '1',
    };
    const kept = {
      'content-type': 'application/json',
      'webhook-signature': 'v1,abc',
      'idempotency-key': 'k',
      'x-tenant': 'id [redacted]',
      'x-[redacted]': '1',
    };
    expect(redactHeaders(headers, ['hunter2-hunter2'])).toEqual(kept);
    expect(redactHeaders(headers, createRedactor(['hunter2-hunter2']))).toEqual(kept);
  });
});
