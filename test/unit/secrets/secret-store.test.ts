import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { SecretStore } from '../../../lib/secrets/secret-store.js';
import { codeOf } from '../../support/code-of.js';

const store = new SecretStore({ keys: [randomBytes(32).toString('hex')] });

it('opens a secret only for its webhook and its field', () => {
  const encrypted = store.encrypt('1', 'secret', 'a secret');
  expect(store.decrypt('1', 'secret', encrypted)).toBe('a secret');
  expect(store.isCurrent(encrypted)).toBe(true);
  expect(codeOf(() => store.decrypt('2', 'secret', encrypted))).toBe('WEBHOOKS_SECRET_UNREADABLE');
  expect(codeOf(() => store.decrypt('1', 'variables', encrypted))).toBe('WEBHOOKS_SECRET_UNREADABLE');
  expect(codeOf(() => store.decrypt('1', 'body:1', encrypted))).toBe('WEBHOOKS_SECRET_UNREADABLE');
});

it('can be made without keys, and then refuses to be used', () => {
  const empty = new SecretStore({ keys: [] });
  expect(codeOf(() => empty.encrypt('1', 'secret', 'a secret'))).toBe('WEBHOOKS_KEY_MISSING');
  expect(codeOf(() => empty.decrypt('1', 'secret', store.encrypt('1', 'secret', 'x')))).toBe(
    'WEBHOOKS_KEY_MISSING',
  );
});
