import 'reflect-metadata';
import { expect, it } from 'vitest';
import { NetworkPolicy } from '../../../lib/http/network-policy.js';
import { checkWebhook } from '../../../lib/webhooks/check-webhook.js';

const input = {
  name: 'a',
  models: ['router'],
  events: ['create' as const],
  url: 'https://hooks.example.com/',
};

it.each([
  [false, false, []],
  [true, true, []],
  [true, false, ['sslVerification']],
])(
  'requireSslVerification: %s and sslVerification: %s',
  (requireSslVerification, sslVerification, fields) => {
    const context = { models: new Set(['router']), network: new NetworkPolicy({ requireSslVerification }) };
    const faults = checkWebhook({ ...input, sslVerification }, context);
    expect(Object.keys(faults)).toEqual(fields);
    expect(faults['sslVerification']?.join() ?? 'delivery.network.requireSslVerification').toContain(
      'delivery.network.requireSslVerification',
    );
  },
);

it.each([
  ['a soft hyphen', '\u00AD', false],
  ['an empty braille cell', '\u2800', false],
  ['a joiner', '\u200D', false],
  ['a Hangul filler', '\u3164', false],
  ['a blank', ' ', false],
  ['tag characters behind a letter', 'a\u{E0041}', false],
  ['a line separator behind a letter', 'a\u2028', false],
  ['a text turned round', 'a\u202Eb', false],
  ['joined emoji', '👩\u200D🚒', true],
  ['a red heart', '❤\uFE0F', true],
  ['a Persian word', 'می\u200Cخواهم', true],
])('of names, %s', (_, name, good) => {
  const context = { models: new Set(['router']), network: new NetworkPolicy({}) };
  expect(Object.keys(checkWebhook({ ...input, name }, context))).toEqual(good ? [] : ['name']);
});

const texts = (count: number, length: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`V${index}`, 'v'.repeat(length)]));
it.each<[string, Record<string, string>, string | undefined]>([
  ['as many as there may be', texts(50, 300), undefined],
  ['one more', texts(51, 1), 'must be at most 50 variables'],
  ['as long as they may be', texts(4, 4_096), undefined],
  ['longer ones', { ...texts(4, 4_096), V: 'v' }, 'must have at most 16384 characters together'],
  ['one that is too long', texts(1, 4_097), 'V0 must be a text of 1 to 4096 characters'],
])('of variables, %s', (_, variables, fault) => {
  const context = { models: new Set(['router']), network: new NetworkPolicy({}) };
  const found = checkWebhook({ ...input, variables }, context)['variables']?.join();
  expect(found ?? 'none').toContain(fault ?? 'none');
});
