import { expect, it, vi } from 'vitest';
import { HttpSender } from '../../../lib/http/http-sender.js';
import {
  createSystemLookup,
  type AddressLookup,
  type ResolvedAddress,
} from '../../../lib/http/lookup-addresses.js';
import { NetworkPolicy } from '../../../lib/http/network-policy.js';
import { startHttp } from '../../support/local-servers.js';

function controlled(): {
  ask: AddressLookup;
  asked: string[];
  answer: (hostname: string) => void;
  fail: (hostname: string) => void;
} {
  const asked: string[] = [];
  const pending = new Map<
    string,
    { resolve: (found: ResolvedAddress[]) => void; reject: (e: Error) => void }
  >();
  return {
    asked,
    ask: (hostname) => {
      asked.push(hostname);
      return new Promise((resolve, reject) => pending.set(hostname, { resolve, reject }));
    },
    answer: (hostname) => pending.get(hostname)?.resolve([{ address: '1.1.1.1', family: 4 }]),
    fail: (hostname) => pending.get(hostname)?.reject(new Error(hostname)),
  };
}

const silent: AddressLookup = () => new Promise(() => undefined);

it('asks for a name once, however many wait for it, and again after three seconds', async () => {
  const { ask, asked, answer } = controlled();
  let now = 0;
  const lookup = createSystemLookup({ ask, clock: () => now });
  const both = Promise.all([lookup('a'), lookup('a')]);
  answer('a');
  const [first, second] = await both;
  expect(first).toBe(second);
  now = 2_999;
  expect(await lookup('a')).toBe(first);
  expect(asked).toEqual(['a']);
  now = 3_000;
  void lookup('a');
  expect(asked).toEqual(['a', 'a']);
});

it('does not remember what failed', async () => {
  const { ask, asked, fail } = controlled();
  const lookup = createSystemLookup({ ask });
  const failing = lookup('a');
  fail('a');
  await expect(failing).rejects.toThrow('a');
  void lookup('a');
  expect(asked).toEqual(['a', 'a']);
});

it('asks the system for few names at a time, so that hanging ones do not take every thread', async () => {
  const { ask, asked, answer, fail } = controlled();
  const lookup = createSystemLookup({ ask, askServers: silent });
  const a = lookup('a');
  const [b, c, d] = [lookup('b'), lookup('c'), lookup('d')];
  expect(asked).toEqual(['a', 'b']);
  fail('a');
  await expect(a).rejects.toThrow('a');
  await vi.waitFor(() => expect(asked).toEqual(['a', 'b', 'c']));
  answer('b');
  await b;
  await vi.waitFor(() => expect(asked).toEqual(['a', 'b', 'c', 'd']));
  answer('c');
  answer('d');
  await Promise.all([c, d]);
  const e = lookup('e');
  answer('e');
  expect(await e).toHaveLength(1);
});

it('asks the name servers while names that hang hold every place', async () => {
  const { ask, asked, answer } = controlled();
  const found = [{ address: '8.8.8.8', family: 4 }];
  const lookup = createSystemLookup({
    ask,
    askServers: (hostname) =>
      hostname === 'in-hosts-file' ? Promise.reject(new Error()) : Promise.resolve(found),
  });
  const hanging = [lookup('a'), lookup('b')];
  expect(await lookup('c')).toEqual(found);
  const other = lookup('in-hosts-file');
  expect(await lookup('d')).toEqual(found);
  expect(asked).toEqual(['a', 'b']);
  answer('a');
  await vi.waitFor(() => expect(asked).toEqual(['a', 'b', 'in-hosts-file']));
  answer('in-hosts-file');
  answer('b');
  expect(await Promise.all([...hanging, other])).toHaveLength(3);
  void lookup('e');
  void lookup('f');
  expect(asked.slice(3)).toEqual(['e', 'f']);
});

it('names that hang hold up no first connection of another receiver', async () => {
  await using server = await startHttp((_, response) => response.end('ok'));
  const loopback = [{ address: '127.0.0.1', family: 4 }];
  const lookup = createSystemLookup({ ask: silent, askServers: () => Promise.resolve(loopback) });
  const sender = new HttpSender(new NetworkPolicy({ allow: ['127.0.0.1'], lookup }));
  const send = (host: string) =>
    sender.send({ url: `http://${host}:${server.port}/`, method: 'GET', headers: {}, timeout: 5_000 });
  const hanging = [send('a.example.com'), send('b.example.com')];
  expect(await send('c.example.com')).toMatchObject({ ok: true, remoteAddress: '127.0.0.1' });
  await sender.close();
  expect((await Promise.all(hanging)).map(({ ok }) => ok)).toEqual([false, false]);
});

it('vets what the name servers say as well', async () => {
  const askServers = () => Promise.resolve([{ address: '10.0.0.1', family: 4 }]);
  const policy = new NetworkPolicy({ lookup: createSystemLookup({ ask: silent, askServers }) });
  void policy.resolve('http://a.example/');
  void policy.resolve('http://b.example/');
  await expect(policy.resolve('http://c.example/')).rejects.toMatchObject({
    code: 'WEBHOOKS_ADDRESS_BLOCKED',
  });
});

it('reads the hosts file of this machine by default', async () => {
  const found = await createSystemLookup()('localhost');
  expect(found.map(({ address }) => address)).toContain('127.0.0.1');
});
