import { expect, it } from 'vitest';
import { startReceiver } from '../../../lib/cli/receiver.js';
import { codeOfRejection } from '../../support/code-of-rejection.js';

it('keeps what it received, and tells it as it comes', async () => {
  const numbers: number[] = [];
  const receiver = await startReceiver({
    port: 0,
    status: 202,
    onRequest: ({ number }) => numbers.push(number),
  });
  expect(receiver.url).toBe(`http://localhost:${receiver.port}`);
  expect((await fetch(`${receiver.url}/a`, { method: 'POST', body: 'one' })).status).toBe(202);
  expect((await fetch(receiver.url, { method: 'POST', body: 'zwei 🎉' })).status).toBe(202);
  expect(receiver.requests).toMatchObject([
    { number: 1, method: 'POST', path: '/a', body: 'one', status: 202, signature: null },
    { number: 2, path: '/', body: 'zwei 🎉' },
  ]);
  expect(numbers).toEqual([1, 2]);
  await receiver.close();
});

it('refuses a secret that cannot be one, before it listens', async () => {
  expect(await codeOfRejection(startReceiver({ port: 0, secrets: ['whsec_'] }))).toBe(
    'WEBHOOKS_SECRET_INVALID',
  );
});
