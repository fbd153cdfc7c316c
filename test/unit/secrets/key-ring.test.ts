import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { KeyRing } from '../../../lib/secrets/key-ring.js';
import { codeOf } from '../../support/code-of.js';

const bytes = randomBytes(32);
const first = bytes.toString('base64');
const second = randomBytes(32).toString('base64');

it.each(['', 'a secret', 'grüße 🎉 \0', 'x'.repeat(100_000)])('opens what it closed: %#', (text) => {
  const ring = new KeyRing({ keys: [first] });
  const encrypted = ring.encrypt(text);
  expect(encrypted).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]+$/);
  expect(encrypted).not.toContain('secret');
  expect(ring.decrypt(encrypted)).toBe(text);
});

it('never makes the same text twice', () => {
  const ring = new KeyRing({ keys: [first] });
  expect(new Set(Array.from({ length: 100 }, () => ring.encrypt('same'))).size).toBe(100);
});

it.each([
  ['base64', first],
  ['base64 without padding', first.replace('=', '')],
  ['base64url', bytes.toString('base64url')],
  ['hex', bytes.toString('hex')],
  ['upper-case hex', bytes.toString('hex').toUpperCase()],
  ['base64 with a line break after it', `${first}\n`],
])('takes a key as %s', (_, key) => {
  const encrypted = new KeyRing({ keys: [first] }).encrypt('text');
  expect(new KeyRing({ keys: [key] }).decrypt(encrypted)).toBe('text');
});

describe('a rotation', () => {
  const old = new KeyRing({ keys: [first] }).encrypt('text');
  const ring = new KeyRing({ keys: [second, first] });

  it('reads what the older key encrypted, and knows that it is not current', () => {
    expect(ring.decrypt(old)).toBe('text');
    expect(ring.isCurrent(old)).toBe(false);
  });

  it('encrypts with the first key', () => {
    const fresh = ring.encrypt(ring.decrypt(old));
    expect(ring.isCurrent(fresh)).toBe(true);
    expect(new KeyRing({ keys: [second] }).decrypt(fresh)).toBe('text');
  });

  it('names the key that was taken out too early', () => {
    const late = new KeyRing({ keys: [second] });
    expect(codeOf(() => late.decrypt(old))).toBe('WEBHOOKS_KEY_UNKNOWN');
    expect(() => late.decrypt(old)).toThrow(old.split('.')[1]);
  });
});

it.each<[unknown, RegExp]>([
  [undefined, /^secrets\.keys\[1\] is undefined: the environment variable/],
  [null, /^secrets\.keys\[1\] is null/],
  ['', /^secrets\.keys\[1\] is empty/],
  [42, /^secrets\.keys\[1\] is a number/],
  ['not a key at all!', /^secrets\.keys\[1\] is neither base64 nor hex/],
  [randomBytes(16).toString('base64'), /^secrets\.keys\[1\] holds 16 bytes, and must hold 32/],
  [randomBytes(33).toString('base64'), /holds 33 bytes/],
])('refuses the key %j and says how to make one', (key, message) => {
  const make = (): KeyRing => new KeyRing({ keys: [first, key as string] });
  expect(codeOf(make)).toBe('WEBHOOKS_KEY_INVALID');
  expect(make).toThrow(message);
  expect(make).toThrow('openssl rand -base64 32');
});

it.each([[[]], [undefined]])('refuses %j as the list of keys', (keys) => {
  expect(codeOf(() => new KeyRing({ keys: keys as unknown as string[] }))).toBe('WEBHOOKS_KEY_INVALID');
});

it('does not repeat a wrong key in its error', () => {
  const key = 'hunter2-hunter2-hunter2';
  expect(() => new KeyRing({ keys: [key] })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(key) as string }),
  );
});

it('opens a text only where it belongs', () => {
  const ring = new KeyRing({ keys: [first] });
  const encrypted = ring.encrypt('text', 'webhook:1:secret');
  expect(ring.decrypt(encrypted, 'webhook:1:secret')).toBe('text');
  expect(codeOf(() => ring.decrypt(encrypted, 'webhook:2:secret'))).toBe('WEBHOOKS_SECRET_UNREADABLE');
  expect(codeOf(() => ring.decrypt(encrypted))).toBe('WEBHOOKS_SECRET_UNREADABLE');
});

it.each<[string, (text: string) => string]>([
  ['plain text', () => 'a secret in the clear'],
  ['an empty text', () => ''],
  ['a text cut short', (text) => text.slice(0, 30)],
  ['a text without its last byte', (text) => text.slice(0, -2)],
  ['a changed byte', (text) => text.slice(0, -10) + (text.at(-10) === 'A' ? 'B' : 'A') + text.slice(-9)],
  ['another version', (text) => text.replace('v1', 'v2')],
])('does not open %s', (_, change) => {
  const ring = new KeyRing({ keys: [first] });
  const text = change(ring.encrypt('text'));
  expect(codeOf(() => ring.decrypt(text))).toBe('WEBHOOKS_SECRET_UNREADABLE');
});

it('shows no key when it is printed', () => {
  const ring = new KeyRing({ keys: [first] });
  expect(inspect(ring, { showHidden: true, depth: 9 }) + JSON.stringify(ring)).toBe('KeyRing {}{}');
});
