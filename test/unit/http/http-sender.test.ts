import { gzipSync } from 'node:zlib';
import { afterEach, expect, it, vi } from 'vitest';
import { HttpSender, type SendRequest } from '../../../lib/http/http-sender.js';
import { NetworkPolicy } from '../../../lib/http/network-policy.js';
import { startHttp } from '../../support/local-servers.js';

const senders: HttpSender[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(senders.splice(0).map((each) => each.close()));
});

function sender(limits: { connections?: number } = {}): HttpSender {
  const made = new HttpSender(new NetworkPolicy({ allow: ['127.0.0.1/32'] }), limits);
  senders.push(made);
  return made;
}

const post = (url: string, more: Partial<SendRequest> = {}): SendRequest => ({
  url,
  method: 'POST',
  headers: { 'content-type': 'text/plain' },
  body: 'hello',
  timeout: 2_000,
  ...more,
});

it('sends exactly these bytes and headers, and returns what came back', async () => {
  const seen: unknown[] = [];
  await using server = await startHttp((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push([request.method, request.url, request.rawHeaders, Buffer.concat(chunks).toString()]);
      response.writeHead(201, { 'X-Answer': 'yes', 'Set-Cookie': ['a=1', 'b=2'] }).end('grüße\0!');
    });
  });
  const result = await sender().send(
    post(`${server.url}a/b?c=d#e`, {
      body: Buffer.from('grüße'),
      headers: { 'X-One': '1', 'webhook-id': 'd1' },
    }),
  );
  expect(seen).toEqual([
    [
      'POST',
      '/a/b?c=d',
      [
        'host',
        `127.0.0.1:${server.port}`,
        'connection',
        'keep-alive',
        'X-One',
        '1',
        'webhook-id',
        'd1',
        'content-length',
        '7',
      ],
      'grüße',
    ],
  ]);
  expect(result).toMatchObject({
    ok: true,
    statusCode: 201,
    headers: { 'x-answer': 'yes', 'set-cookie': ['a=1', 'b=2'] },
    body: 'grüße!',
    truncated: false,
    remoteAddress: '127.0.0.1',
  });
  expect(result.timings.total).toBeGreaterThanOrEqual(result.timings.firstByte ?? Infinity);
});

it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('sends %s with and without a body', async (method) => {
  const seen: string[] = [];
  await using server = await startHttp((request, response) => {
    request.on('data', (chunk: Buffer) => seen.push(`${request.method} ${chunk.toString()}`));
    request.on('end', () => response.end());
  });
  const sending = sender();
  expect(await sending.send(post(server.url, { method }))).toMatchObject({ ok: true, statusCode: 200 });
  expect(await sending.send(post(server.url, { method, body: null }))).toMatchObject({ ok: true });
  expect(seen).toEqual([`${method} hello`]);
});

it('keeps connections, and tells the time of connecting only where one was made', async () => {
  await using server = await startHttp((_, response) => response.end('ok'));
  const sending = sender({ connections: 1 });
  const url = server.url.replace('127.0.0.1', 'localhost');
  const first = await sending.send(post(url));
  const second = await sending.send(post(url));
  expect(server.connections()).toBe(1);
  expect(first.timings).toEqual({
    dns: expect.any(Number) as number,
    connect: expect.any(Number) as number,
    firstByte: expect.any(Number) as number,
    total: expect.any(Number) as number,
  });
  expect(Object.keys(second.timings)).toEqual(['firstByte', 'total']);
  expect(second.remoteAddress).toBe('127.0.0.1');
});

it.each([200, 204, 302, 400, 410, 429, 500, 503])('returns status %i as an answer', async (statusCode) => {
  await using server = await startHttp((_, response) =>
    response.writeHead(statusCode, { location: '/other' }).end(),
  );
  expect(await sender().send(post(server.url))).toMatchObject({
    ok: true,
    statusCode,
    headers: { location: '/other' },
  });
});

it('follows no redirect', async () => {
  const seen: unknown[] = [];
  await using server = await startHttp((request, response) => {
    seen.push(request.url);
    response.writeHead(307, { location: '/second' }).end();
  });
  expect(await sender().send(post(server.url))).toMatchObject({ ok: true, statusCode: 307 });
  expect(seen).toEqual(['/']);
});

it('announcements before the answer are not the answer', async () => {
  await using server = await startHttp((_, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.end('ok');
  });
  expect(await sender().send(post(server.url))).toMatchObject({ ok: true, statusCode: 200, body: 'ok' });
});

it('unpacks no compressed answer', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  await using server = await startHttp((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  });
  expect(await sender().send(post(server.url))).toMatchObject({
    ok: true,
    body: '[not shown: encoded as gzip]',
    truncated: true,
  });
});

it('reads little of a huge answer, keeps 16 KB of it, and the status decides', async () => {
  let written = 0;
  await using server = await startHttp((_, response) => {
    const write = (): void => {
      while (written < 500_000_000 && !response.destroyed) {
        written += 65_536;
        if (!response.write('é'.repeat(32_768))) {
          response.once('drain', write);
          return;
        }
      }
    };
    write();
  });
  const result = await sender().send(post(server.url));
  expect(result).toMatchObject({ ok: true, statusCode: 200, truncated: true, body: 'é'.repeat(8_192) });
  expect(written).toBeLessThan(50_000_000);
});

it('uses no proxy of the environment', async () => {
  await using proxy = await startHttp((_, response) => response.writeHead(502).end('proxy'));
  for (const name of ['http_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) vi.stubEnv(name, proxy.url);
  await using server = await startHttp((_, response) => response.end('direct'));
  expect(await sender().send(post(server.url))).toMatchObject({ ok: true, body: 'direct' });
  expect(proxy.connections()).toBe(0);
});

it.each<[string, Partial<SendRequest>, string]>([
  ['a URL without a host', { url: 'http://' }, 'invalid'],
  ['another scheme', { url: 'ftp://example.com/' }, 'invalid'],
  ['a private address', { url: 'http://10.0.0.1/' }, 'blocked'],
  ['an unknown method', { method: 'TRACE' }, 'invalid'],
  ['a method with a line break', { method: 'GET / HTTP/1.1\r\nx: y\r\n\r\nGET' }, 'invalid'],
  ['a lower-case method', { method: 'post' }, 'invalid'],
  ['a Host header', { headers: { Host: 'evil' } }, 'invalid'],
  ['a Content-Length header', { headers: { 'content-length': '1' } }, 'invalid'],
  ['a header that imitates it', { headers: { transfer_encoding: 'chunked' } }, 'invalid'],
  ['a Transfer-Encoding header', { headers: { 'Transfer-Encoding': 'chunked' } }, 'invalid'],
  ['a Connection header', { headers: { connection: 'close' } }, 'invalid'],
  ['a Proxy-Authorization header', { headers: { 'proxy-authorization': 'x' } }, 'invalid'],
  ['an Upgrade header', { headers: { upgrade: 'websocket' } }, 'invalid'],
  ['an Expect header', { headers: { expect: '100-continue' } }, 'invalid'],
  ['a pseudo-header', { headers: { ':path': '/' } }, 'invalid'],
  ['a line break in a value', { headers: { 'x-a': 'a\r\nx-b: c' } }, 'invalid'],
  ['a NUL in a value', { headers: { 'x-a': 'a\0' } }, 'invalid'],
  ['a character outside Latin-1', { headers: { 'x-a': '…' } }, 'invalid'],
  ['a space in a name', { headers: { 'x a': 'b' } }, 'invalid'],
  ['too many headers', { headers: { 'x-a': 'a'.repeat(17_000) } }, 'invalid'],
])('does not send %s', async (_, more, errorClass) => {
  await using server = await startHttp((_request, response) => response.end());
  expect(await sender().send(post(server.url, more))).toMatchObject({ ok: false, errorClass, ours: false });
  expect(server.connections()).toBe(0);
});

it('carries many requests to many origins at once, each with its own answer', async () => {
  const servers = await Promise.all(
    Array.from({ length: 5 }, () => startHttp((request, response) => response.end(request.url))),
  );
  const sending = sender();
  const answers = await Promise.all(
    Array.from({ length: 500 }, async (_, index) => {
      const result = await sending.send(post(`${servers[index % 5]?.url ?? ''}${index}`));
      return result.ok && result.body === `/${index}`;
    }),
  );
  expect(answers.every(Boolean)).toBe(true);
  await Promise.all(servers.map((server) => server.close()));
});
