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
