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
