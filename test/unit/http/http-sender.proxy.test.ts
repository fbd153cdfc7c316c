import { isIP } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HttpSender, type SendRequest } from '../../../lib/http/http-sender.js';
import type { AddressLookup, ResolvedAddress } from '../../../lib/http/lookup-addresses.js';
import { NetworkPolicy } from '../../../lib/http/network-policy.js';
import type { NetworkOptions, ProxyOptions } from '../../../lib/options/webhooks-options.js';
import { startProxy } from '../../support/forward-proxy.js';
import { startHttp, startHttps, startTcp, tlsFixture } from '../../support/local-servers.js';

const senders: HttpSender[] = [];
afterEach(() => Promise.all(senders.splice(0).map((each) => each.close())));

const found = (...addresses: string[]): readonly ResolvedAddress[] =>
  addresses.map((address) => ({ address, family: isIP(address) }));
const loopback: AddressLookup = () => Promise.resolve(found('127.0.0.1'));

function senderThrough(
  proxy: ProxyOptions | string,
  { lookup = loopback, ...network }: NetworkOptions & { lookup?: AddressLookup } = {},
  connectTimeout = 2_000,
): HttpSender {
  const policy = new NetworkPolicy({ allow: ['127.0.0.1'], lookup, ...network });
  const options = typeof proxy === 'string' ? { url: proxy } : proxy;
  const made = new HttpSender(policy, { connections: 1, connectTimeout }, options);
  senders.push(made);
  return made;
}

const post = (url: string, more: Partial<SendRequest> = {}): SendRequest => ({
  url,
  method: 'POST',
  headers: {},
  body: 'hello',
  timeout: 3_000,
  ...more,
});

const echo = (host = '127.0.0.1') =>
  startHttp((request, response) => {
    request.on('data', (chunk) => response.end(`${request.headers.host} got ${chunk}`));
  }, host);

describe('through a proxy', () => {
  it('sends to the address that was vetted, in a tunnel that is used again', async () => {
    await using server = await echo();
    await using proxy = await startProxy();
    const lookup = vi.fn<AddressLookup>(loopback);
    const sender = senderThrough(proxy.url, { lookup });
    for (const _ of [1, 2]) {
      expect(await sender.send(post(`http://hooks.example.com:${server.port}/`))).toMatchObject({
        ok: true,
        body: `hooks.example.com:${server.port} got hello`,
        remoteAddress: '127.0.0.1',
      });
    }
    expect(lookup).toHaveBeenCalledOnce();
    expect(proxy).toMatchObject({ asked: [`127.0.0.1:${server.port}`], forwarded: [] });
  });

  it.each<[string, 'server' | undefined]>([
    ['http', undefined],
    ['https', 'server'],
  ])(
    'of %s, TLS is with the receiver: its name, and the certificates of its webhook',
    async (_, certificate) => {
      const names: (string | false | null | undefined)[] = [];
      await using server = await startHttps('server', (request, response) => {
        names.push((request.socket as { servername?: string | false | null }).servername);
        response.end('ok');
      });
      await using proxy = await startProxy(certificate === undefined ? {} : { certificate });
      const ca = tlsFixture('ca.pem');
      const sender = senderThrough({ url: proxy.url, ...(certificate === undefined ? {} : { ca }) });
      const url = `https://localhost:${server.port}/`;
      expect(await sender.send(post(url, { tls: { ca } }))).toMatchObject({ ok: true, body: 'ok' });
      expect(names).toEqual(['localhost']);
      expect(await sender.send(post(url))).toMatchObject({ ok: false, errorClass: 'tls', ours: false });
      const other = `https://other-name.example.com:${server.port}/`;
      expect(await sender.send(post(other, { tls: { ca } }))).toMatchObject({ errorClass: 'tls' });
    },
  );

  it('of https is known by its own certificate, wherever the tunnel leads', async () => {
    await using server = await echo('0.0.0.0');
    await using proxy = await startProxy({ certificate: 'server' });
    const lookup = () => Promise.resolve(found('127.0.0.2'));
    const network = { allow: ['127.0.0.0/8'], lookup };
    const ca = tlsFixture('ca.pem');
    const url = `http://hooks.example.com:${server.port}/`;
    for (const host of ['127.0.0.1', 'localhost']) {
      const sender = senderThrough({ url: proxy.url.replace('127.0.0.1', host), ca }, network);
      expect(await sender.send(post(url))).toMatchObject({ ok: true, remoteAddress: '127.0.0.2' });
    }
    await using other = await startProxy({ certificate: 'other-name' });
    expect(await senderThrough({ url: other.url, ca }, network).send(post(url))).toMatchObject({
      ok: false,
      errorClass: 'proxy',
      ours: true,
    });
  });

  it('that asks for a name and a password', async () => {
    await using server = await echo();
    await using proxy = await startProxy({ credentials: 'ada:l%20ve' });
    const rightOnes = proxy.url.replace('ada:l%20ve', 'ada:l%2520ve');
    const wrongOnes = proxy.url.replace('ada:l%20ve', 'ada:topsecret');
    expect(await senderThrough(rightOnes).send(post(server.url))).toMatchObject({ ok: true });
    const refused = await senderThrough(wrongOnes).send(post(server.url));
    expect(refused).toMatchObject({ ok: false, errorClass: 'proxy', ours: true, remoteAddress: null });
    expect(refused).toHaveProperty('message', expect.stringContaining('407'));
    expect(refused).toHaveProperty('message', expect.stringContaining(new URL(proxy.url).host));
    expect(JSON.stringify(refused)).not.toMatch(/ada|topsecret/);
  });

  it('redirects are not followed', async () => {
    await using server = await startHttp((_, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    );
    await using proxy = await startProxy();
    expect(await senderThrough(proxy.url).send(post(server.url))).toMatchObject({ statusCode: 302 });
    expect(proxy.asked).toHaveLength(1);
  });

  it('the next address is tried when it could not reach one', async () => {
    await using server = await echo();
    await using proxy = await startProxy();
    const lookup = () => Promise.resolve(found('127.0.0.2', '127.0.0.1'));
    const sender = senderThrough(proxy.url, { allow: ['127.0.0.0/8'], lookup });
    const result = await sender.send(post(`http://hooks.example.com:${server.port}/`));
    expect(result).toMatchObject({ ok: true, remoteAddress: '127.0.0.1' });
    expect(proxy.asked).toEqual([`127.0.0.2:${server.port}`, `127.0.0.1:${server.port}`]);
  });

  it.each([
    ['hooks.internal.example', true],
    ['internal.example', true],
    ['notinternal.example', false],
    ['127.0.0.1', true],
  ])('%s is reached without it: %s', async (host, isDirect) => {
    await using server = await echo();
    await using proxy = await startProxy();
    const noProxy = ['.internal.example', '127.0.0.0/8'];
    const sender = senderThrough({ url: proxy.url, noProxy });
    expect(await sender.send(post(`http://${host}:${server.port}/`))).toMatchObject({ ok: true });
    expect(proxy.asked).toHaveLength(isDirect ? 0 : 1);
  });
});

describe('the policy holds behind a proxy as well', () => {
  it.each([
    ['a literal', 'http://10.0.0.1/'],
    ['a literal in another notation', 'http://0xa000001/'],
    ['a name that leads into a private network', 'http://inside.example.com/'],
    ['a name of a private network', 'https://metadata.google.internal/'],
  ])('%s is blocked, and the proxy is not asked', async (_, url) => {
    await using proxy = await startProxy();
    const lookup = () => Promise.resolve(found('1.1.1.1', '10.0.0.1'));
    const result = await senderThrough(proxy.url, { lookup }).send(post(url));
    expect(result).toMatchObject({ ok: false, errorClass: 'blocked', ours: false });
    expect(proxy.asked).toEqual([]);
  });

  it('a name that is bound to another address later leads nowhere else', async () => {
    await using server = await startHttp((_, response) => response.setHeader('connection', 'close').end());
    await using proxy = await startProxy();
    const answers = [found('127.0.0.1'), found('10.0.0.1')];
    const lookup = () => Promise.resolve(answers.shift() ?? []);
    const sender = senderThrough(proxy.url, { lookup });
    const url = `http://rebind.example.com:${server.port}/`;
    expect(await sender.send(post(url))).toMatchObject({ ok: true });
    expect(await sender.send(post(url))).toMatchObject({ errorClass: 'blocked' });
    expect(proxy.asked).toEqual([`127.0.0.1:${server.port}`]);
  });

  it('variables of the environment name no proxy', async () => {
    await using server = await echo();
    await using proxy = await startProxy();
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY']) vi.stubEnv(name, proxy.url);
    const sender = new HttpSender(new NetworkPolicy({ allow: ['127.0.0.1'] }));
    senders.push(sender);
    expect(await sender.send(post(server.url))).toMatchObject({ ok: true });
    expect(proxy).toMatchObject({ asked: [], forwarded: [] });
    vi.unstubAllEnvs();
  });
});

describe('a proxy that fails is no fault of the receiver', () => {
  const expectOurs = async (url: string, message: string, timeout = 3_000, connectTimeout = 2_000) => {
    const sender = senderThrough(url, {}, connectTimeout);
    const result = await sender.send(post('http://hooks.example.com:9/', { timeout }));
    expect(result).toMatchObject({ ok: false, errorClass: 'proxy', ours: true, remoteAddress: null });
    expect(result).toHaveProperty('message', expect.stringContaining(message));
    return result;
  };

  it('one that is down', async () => {
    const proxy = await startProxy();
    await proxy.close();
    await expectOurs(proxy.url, 'ECONNREFUSED');
  });

  it('one to which no connection comes about, within the time of the attempt and of the connection', async () => {
    await using silent = await startTcp(() => undefined);
    const url = silent.url.replace('http:', 'https:');
    await expectOurs(url, 'No connection to the proxy', 150);
    await expectOurs(url, 'could not be reached in time', 3_000, 150);
  });

  it.each<[string, string | Buffer, string]>([
    ['garbage', 'what do you want?\r\n\r\n', 'not answer in HTTP'],
    [
      'headers without end',
      `HTTP/1.1 200 OK\r\n${'x: yyyyyyyyyyyyyyyy\r\n'.repeat(2_000)}`,
      'HPE_HEADER_OVERFLOW',
    ],
    [
      'more than an answer',
      'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\nnot the receiver',
      'more than an answer',
    ],
    ['an announcement', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', '101'],
    ['a redirect', 'HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\n\r\n', '302'],
  ])('one that answers %s', async (_, answer, message) => {
    await using proxy = await startTcp((socket) => socket.write(answer));
    await expectOurs(proxy.url, message);
  });

  it('one that closes the connection', async () => {
    await using proxy = await startTcp((socket) => socket.destroy());
    await expectOurs(proxy.url, 'cannot be used');
  });

  it('one whose certificate nobody knows', async () => {
    await using proxy = await startProxy({ certificate: 'server' });
    await expectOurs(proxy.url, 'cannot be used');
  });
});

describe('a receiver that cannot be reached through a proxy that works', () => {
  it('is told by the proxy', async () => {
    await using proxy = await startProxy();
    const closed = await echo();
    await closed.close();
    const result = await senderThrough(proxy.url).send(post(closed.url));
    expect(result).toMatchObject({ ok: false, errorClass: 'connect', ours: false, remoteAddress: null });
    expect(result).toHaveProperty('message', expect.stringContaining('502'));
  });

  it.each([undefined, 'server'])(
    'is known from a proxy that was connected to and says nothing (certificate: %s)',
    async (certificate) => {
      await using proxy = await startProxy(certificate === undefined ? {} : { certificate });
      proxy.answer = () => undefined;
      const options = { url: proxy.url, ca: tlsFixture('ca.pem') };
      for (const [timeout, connectTimeout, errorClass] of [
        [500, 2_000, 'timeout'],
        [3_000, 500, 'connect'],
      ] as const) {
        const result = await senderThrough(options, {}, connectTimeout).send(
          post('http://dead.example.com:9/', { timeout }),
        );
        expect(result).toMatchObject({ ok: false, errorClass, ours: false });
        expect(result).toHaveProperty('message', expect.stringContaining('did not reach the receiver'));
      }
      expect(proxy.asked).toHaveLength(2);
    },
  );

  it.each([403, 405])('is refused by the proxy (%i): the definition is at fault', async (status) => {
    await using proxy = await startProxy();
    proxy.answer = (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const result = await senderThrough(proxy.url).send(post('http://hooks.example.com:9/'));
    expect(result).toMatchObject({ ok: false, errorClass: 'blocked', ours: false });
    expect(result).toHaveProperty('message', expect.stringContaining('refuses this address or port'));
  });

  it('does not end the delivery when another of its addresses is refused', async () => {
    await using proxy = await startProxy();
    proxy.answer = ({ url }, socket) =>
      socket.end(`HTTP/1.1 ${url?.startsWith('127.0.0.1:') ? 502 : 403} No\r\n\r\n`);
    const lookup = () => Promise.resolve(found('127.0.0.2', '127.0.0.1', '127.0.0.3'));
    const sender = senderThrough(proxy.url, { allow: ['127.0.0.0/8'], lookup });
    const result = await sender.send(post('http://hooks.example.com:9/'));
    expect(result).toMatchObject({ ok: false, errorClass: 'connect', ours: false });
    expect(proxy.asked).toHaveLength(3);
  });

  it('has other addresses, of which each gets a share of the time, those of IPv4 first', async () => {
    await using server = await echo();
    await using proxy = await startProxy();
    const { port } = server;
    const lookup = () => Promise.resolve(found('::1', '127.0.0.2', '127.0.0.1'));
    const sender = senderThrough(proxy.url, { allow: ['127.0.0.0/8', '::1'], lookup });
    proxy.answer = ({ url }) => {
      if (url?.startsWith('127.0.0.2:')) proxy.answer = undefined;
    };
    const result = await sender.send(post(`http://hooks.example.com:${port}/`));
    expect(result).toMatchObject({ ok: true, remoteAddress: '127.0.0.1' });
    expect(proxy.asked).toEqual([`127.0.0.2:${port}`, `127.0.0.1:${port}`]);
  });
});
