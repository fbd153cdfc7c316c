import { afterEach, expect, it, vi } from 'vitest';
import { HttpSender } from '../../../lib/http/http-sender.js';
import { NetworkPolicy } from '../../../lib/http/network-policy.js';
import { startHttp } from '../../support/local-servers.js';

afterEach(() => vi.useRealTimers());

it('sends at once when every connection to an origin is old', async () => {
  await using server = await startHttp((_, response) => response.end());
  const sender = new HttpSender(new NetworkPolicy({ allow: ['127.0.0.0/8'] }), { connections: 2 });
  const send = () => sender.send({ url: server.url, method: 'POST', headers: {}, body: 'x', timeout: 3_000 });
  const both = () => Promise.all([send(), send()]);
  expect((await both()).map(({ ok }) => ok)).toEqual([true, true]);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 });
  expect((await both()).map(({ ok }) => ok)).toEqual([true, true]);
  await sender.close();
});
