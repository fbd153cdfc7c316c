import { isIP } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HttpSender, type SendRequest } from '../../../lib/http/http-sender.js';
import type { AddressLookup, ResolvedAddress } from '../../../lib/http/lookup-addresses.js';
import { NetworkPolicy } from '../../../lib/http/network-policy.js';
import { startHttp, startTcp } from '../../support/local-servers.js';

const senders: HttpSender[] = [];
afterEach(() => Promise.all(senders.splice(0).map((each) => each.close())));

function senderWith(policy: NetworkPolicy): HttpSender {
  const made = new HttpSender(policy, { connections: 1 });
  senders.push(made);
  return made;
}

const get = (url: string, timeout = 2_000): SendRequest => ({ url, method: 'GET', headers: {}, timeout });
const found = (...addresses: string[]): readonly ResolvedAddress[] =>
  addresses.map((address) => ({ address, family: isIP(address) }));
const error = (code: string): Error => Object.assign(new Error(code), { code });

it('connects to exactly the address that was vetted, with one look-up for each connection', async () => {
  await using server = await startHttp((_, response) => response.end('ok'));
  const lookup = vi.fn<AddressLookup>(() => Promise.resolve(found('127.0.0.1')));
  const sender = senderWith(new NetworkPolicy({ allow: ['127.0.0.1'], lookup }));
  const url = `http://hooks.example.com:${server.port}/`;
  expect(await sender.send(get(url))).toMatchObject({ ok: true, remoteAddress: '127.0.0.1' });
  expect(await sender.send(get(url))).toMatchObject({ ok: true });
  expect(lookup.mock.calls).toEqual([['hooks.example.com']]);
});

it('blocks a name that is bound to another address later', async () => {
  const seen: string[] = [];
  await using server = await startHttp((request, response) => {
    seen.push(request.socket.localAddress ?? '');
    response.setHeader('connection', 'close');
    response.end('ok');
  }, '0.0.0.0');
  const answers = [found('127.0.0.1'), found('127.0.0.2'), found('127.0.0.1', '127.0.0.2')];
  const lookup = (): Promise<readonly ResolvedAddress[]> => Promise.resolve(answers.shift() ?? []);
  const sender = senderWith(new NetworkPolicy({ allow: ['127.0.0.1'], lookup }));
  const url = `http://rebind.example.com:${server.port}/`;
  expect(await sender.send(get(url))).toMatchObject({ ok: true, remoteAddress: '127.0.0.1' });
  for (const _ of ['another address', 'both addresses']) {
    const result = await sender.send(get(url));
    expect(result).toMatchObject({ ok: false, errorClass: 'blocked', ours: false });
    expect(result).toHaveProperty(
      'message',
      expect.stringContaining('127.0.0.2/32 added to delivery.network.allow'),
    );
  }
  expect(seen).toEqual(['127.0.0.1']);
});

it.each([
  '127.0.0.1',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  '169.254.169.254',
  '::1',
  'fe80::1%lo',
  '10.0.0.1',
])('opens no connection for a name that leads to %s', async (address) => {
  await using server = await startHttp((_, response) => response.end('ok'));
  const sender = senderWith(new NetworkPolicy({ lookup: () => Promise.resolve(found('1.1.1.1', address)) }));
  const result = await sender.send(get(`http://hooks.example.com:${server.port}/`));
  expect(result).toMatchObject({ ok: false, errorClass: 'blocked', remoteAddress: null });
  expect(server.connections()).toBe(0);
});

describe('every layer of the guard holds alone', () => {
  it('the check of a literal where the connection is made', async () => {
    class Careless extends NetworkPolicy {
      override checkUrl(text: string): URL {
        return new URL(text);
      }
    }
    await using server = await startHttp((_, response) => response.end('ok'));
    expect(await senderWith(new Careless()).send(get(server.url))).toMatchObject({
      ok: false,
      errorClass: 'blocked',
    });
    expect(server.connections()).toBe(0);
  });

  class Fooled extends NetworkPolicy {
    override addressesOf(): Promise<readonly ResolvedAddress[]> {
      return Promise.resolve(found('127.0.0.1'));
    }
  }

  it('the check of the address that was reached, before any TLS handshake', async () => {
    const seen: string[] = [];
    await using server = await startTcp((_, chunk) => seen.push(chunk));
    const result = await senderWith(new Fooled()).send(get(`https://hooks.example.com:${server.port}/`));
    expect(result).toMatchObject({ ok: false, errorClass: 'blocked', remoteAddress: '127.0.0.1' });
    expect(seen).toEqual([]);
  });

  it('the check of the address that was reached', async () => {
    const seen = vi.fn<() => void>();
    await using server = await startHttp((_, response) => {
      seen();
      response.end('ok');
    });
    const result = await senderWith(new Fooled()).send(get(`http://hooks.example.com:${server.port}/`));
    expect(result).toMatchObject({ ok: false, errorClass: 'blocked', remoteAddress: '127.0.0.1' });
    expect(seen).not.toHaveBeenCalled();
  });
});

describe('the resolver', () => {
  it.each([
    ['ENOTFOUND', false],
    ['ENODATA', false],
    ['EAI_AGAIN', true],
    ['ESERVFAIL', true],
    ['ETIMEOUT', true],
  ])('that answers %s is ours to mend: %s', async (code, ours) => {
    const sender = senderWith(new NetworkPolicy({ lookup: () => Promise.reject(error(code)) }));
    const result = await sender.send(get('http://hooks.example.com/'));
    expect(result).toMatchObject({ ok: false, errorClass: 'dns', ours });
    expect(result).toHaveProperty('message', expect.stringContaining(code));
  });

  it('that finds nothing speaks about the receiver', async () => {
    const sender = senderWith(new NetworkPolicy({ lookup: () => Promise.resolve([]) }));
    expect(await sender.send(get('http://a.example/'))).toMatchObject({
      ok: false,
      errorClass: 'dns',
      ours: false,
    });
  });

  it('that hangs longer than a connection may take is ours to mend', async () => {
    const policy = new NetworkPolicy({ lookup: () => new Promise(() => undefined) });
    const sender = new HttpSender(policy, { connectTimeout: 100 });
    senders.push(sender);
    const result = await sender.send(get('http://hanging.example.com/', 10_000));
    expect(result).toMatchObject({ ok: false, errorClass: 'dns', ours: true });
    expect(result).toHaveProperty('message', expect.stringContaining('not resolved in time'));
  });

  it('that hangs costs no more than the timeout, and nothing is sent when it answers at last', async () => {
    const seen = vi.fn<() => void>();
    await using server = await startHttp((_, response) => {
      seen();
      response.end('ok');
    });
    let answer: ((addresses: readonly ResolvedAddress[]) => void) | undefined;
    const lookup = vi.fn<AddressLookup>(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const sender = senderWith(new NetworkPolicy({ allow: ['127.0.0.1'], lookup }));
    const url = `http://hanging.example.com:${server.port}/`;
    const start = performance.now();
    const result = await sender.send(get(url, 200));
    expect(performance.now() - start).toBeLessThan(1_500);
    expect(result).toMatchObject({ ok: false, errorClass: 'timeout', ours: true });
    answer?.(found('127.0.0.1'));
    await vi.waitFor(() => expect(server.connections()).toBe(1));
    lookup.mockResolvedValue(found('127.0.0.1'));
    expect(await sender.send(get(url))).toMatchObject({ ok: true });
    expect(seen).toHaveBeenCalledOnce();
  });
});
