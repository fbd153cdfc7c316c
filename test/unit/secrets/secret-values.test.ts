import { expect, it } from 'vitest';
import type { EncryptedSecrets } from '../../../lib/secrets/encrypted-secrets.js';
import { SecretStore } from '../../../lib/secrets/secret-store.js';
import { rememberSecrets, secretValues } from '../../../lib/secrets/secret-values.js';

const store = new SecretStore({ keys: [Buffer.alloc(32, 7).toString('base64')] });
const webhook: EncryptedSecrets = {
  id: '7',
  secret: store.encrypt('7', 'secret', 'signs'),
  previousSecret: store.encrypt('7', 'secret', 'signed'),
  variables: store.encrypt('7', 'variables', JSON.stringify({ TOKEN: 'token', SAME: 'signs' })),
  oldSecrets: store.encrypt('7', 'oldSecrets', JSON.stringify(['oldest', 'signed'])),
};

it('gives each value once, the newest first', () => {
  expect(secretValues(store, webhook)).toEqual({
    values: ['signs', 'signed', 'token', 'oldest'],
    complete: true,
  });
});

it.each<[column: keyof EncryptedSecrets, values: string[]]>([
  ['secret', ['signed', 'token', 'signs', 'oldest']],
  ['previousSecret', ['signs', 'token', 'oldest', 'signed']],
  ['variables', ['signs', 'signed', 'oldest']],
  ['oldSecrets', ['signs', 'signed', 'token']],
])('remembers the others when %s is damaged', (column, values) => {
  const damaged = { ...webhook, [column]: 'damaged' };
  expect(secretValues(store, damaged)).toEqual({ values, complete: false });
  const oldSecrets = rememberSecrets(store, damaged);
  const none = { id: '7', secret: null, previousSecret: null, variables: null };
  expect(secretValues(store, { ...none, oldSecrets })).toEqual({ values, complete: true });
});

it('remembers a hundred', () => {
  const many = Array.from({ length: 150 }, (_, index) => `value ${index}`);
  const oldSecrets = store.encrypt('7', 'oldSecrets', JSON.stringify(many));
  const remembered = rememberSecrets(store, { ...webhook, oldSecrets });
  expect(secretValues(store, { ...webhook, oldSecrets: remembered }).values).toHaveLength(100);
});

it('remembers the newest when they are long', () => {
  const many = Array.from({ length: 50 }, (_, index) => String(index).padEnd(4_000, '.'));
  const oldSecrets = store.encrypt('7', 'oldSecrets', JSON.stringify(many));
  const none = { id: '7', secret: null, previousSecret: null, variables: null };
  const remembered = rememberSecrets(store, { ...none, oldSecrets });
  expect(secretValues(store, { ...none, oldSecrets: remembered }).values).toEqual(many.slice(0, 8));
});

it('says which key is missing', () => {
  const other = new SecretStore({ keys: [Buffer.alloc(32, 8).toString('base64')] });
  const refusal = expect.objectContaining({ code: 'WEBHOOKS_KEY_UNKNOWN' });
  expect(() => secretValues(other, webhook)).toThrow(refusal);
  expect(() => rememberSecrets(other, webhook)).toThrow(refusal);
});
