import { describe, expect, it } from 'vitest';
import { KeyRing } from '../../../lib/secrets/key-ring.js';
import { createRedactor, MASK } from '../../../lib/secrets/redact.js';
import { codeOf } from '../../support/code-of.js';

const SECRET = 'pa\\ss"<w&ö/+ rd';
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '"': '&quot;',
  '<': '&lt;',
  '\\': '&#92;',
};

const WAYS: Readonly<Record<string, (text: string) => string>> = {
  'as JSON': (text) => JSON.stringify(text).slice(1, -1),
  'percent-encoded': encodeURIComponent,
  'form-encoded': (text) => new URLSearchParams({ '': text }).toString().slice(1),
  'escaped for HTML': (text) => text.replace(/[&"<\\]/g, (character) => ENTITIES[character] ?? ''),
  'with escaped slashes': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  'in capitals': (text) => text.toUpperCase(),
};

describe('a secret is masked', () => {
  const pairs = Object.entries(WAYS).flatMap(([first, one]) =>
    Object.entries(WAYS).map(([second, two]) => ({ first, second, text: two(one(SECRET)) })),
  );

  it.each(pairs)('$first, then $second', ({ text }) => {
    expect(createRedactor([SECRET])(`x ${text} y`)).toBe(`x ${MASK} y`);
  });

  it('where it overlaps with another one', () => {
    expect(createRedactor(['abcdefgh', 'fghijklm'])('x abcdefghijklm y')).toBe(`x ${MASK} y`);
  });

  it('beside letters whose length depends on their case', () => {
    expect(createRedactor(['key-ΑΣ-İ-42'])('İİ KEY-ας-İ-42 İ')).toBe(`İİ ${MASK} İ`);
  });

  it('however long and however many secrets there are', () => {
    const secrets = Array.from({ length: 20 }, (_, index) => `${index}"\n\\ö`.repeat(200 * index + 200));
    const mask = createRedactor(secrets);
    expect(mask(`x ${encodeURIComponent(secrets[19] ?? '')} y ${(secrets[3] ?? '').slice(0, 999)}`)).toBe(
      `x ${MASK} y ${MASK}`,
    );
  });

  it('in a moment, also where the text nearly is the secret', () => {
    const mask = createRedactor([`${'a'.repeat(4_095)}b`]);
    const start = performance.now();
    expect(mask('a'.repeat(16_000))).not.toContain('a'.repeat(128));
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('a long secret is masked', () => {
  const long = 'é<&\\ 🎉/'.repeat(400);
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  it.each([
    ...Object.entries(WAYS).map(([way, encode]) => ({ way, text: encode(long) })),
    { way: 'as it is', text: long },
    { way: 'percent-encoded and as JSON in it', text: encodeURIComponent(JSON.stringify(long).slice(1, -1)) },
    { way: 'in base64', text: base64(long) },
  ])('$way, to its end and also where it is cut', ({ text }) => {
    const mask = createRedactor([long]);
    expect(mask(`x ${text} y`)).toMatch(/^x \[redacted\].{0,3} y$/);
    expect(mask(`x ${text.slice(0, 2_000)} y`)).toMatch(/^x \[redacted\].{0,3} y$/);
    expect(mask(`x ${text.slice(0, 2_000)}`)).toMatch(/^x \[redacted\].{0,3}$/);
  });

  it('whatever others begin alike', () => {
    const start = 'b'.repeat(500);
    const mask = createRedactor([`${start}/1`, `${start}/2/3`, start]);
    expect(mask(`x ${encodeURIComponent(`${start}/2/3`)} y ${start}/1 z`)).toBe(`x ${MASK} y ${MASK} z`);
  });

  it('without encoding all of all of them beforehand', () => {
    const values = Array.from({ length: 115 }, (_, index) => `${index} ${long}`);
    const heap = process.memoryUsage().heapUsed;
    expect(createRedactor(values)('nothing')).toBe('nothing');
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(300_000_000);
  });
});

describe('what is encrypted opens nowhere else', () => {
  const ring = new KeyRing({
    keys: [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('hex')],
  });
  const sealed = ring.encrypt('text', 'webhook:1:secret');
  const other = new KeyRing({ keys: [Buffer.alloc(32, 2).toString('hex')] }).encrypt(
    'text',
    'webhook:1:secret',
  );
  const [, id = '', data = ''] = sealed.split('.');

  it.each([
    ['in another row', sealed, 'webhook:2:secret'],
    ['in another field', sealed, 'webhook:1:variables'],
    ['without a place', sealed, ''],
    ['under another key of the ring', `v1.${other.split('.')[1]}.${data}`, 'webhook:1:secret'],
    ['cut short', `v1.${id}.${data.slice(0, -2)}`, 'webhook:1:secret'],
    ['without its tag', `v1.${id}.${data.slice(0, 20)}`, 'webhook:1:secret'],
    ['changed', `v1.${id}.${data.slice(0, -1)}${data.endsWith('A') ? 'g' : 'A'}`, 'webhook:1:secret'],
    ['with more before it', ` ${sealed}`, 'webhook:1:secret'],
  ])('%s', (_, text, place) => {
    expect(codeOf(() => ring.decrypt(text, place))).toBe('WEBHOOKS_SECRET_UNREADABLE');
  });
});
