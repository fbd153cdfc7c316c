import { Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HttpSender, type SendRequest } from '../../../lib/http/http-sender.js';
import { NetworkPolicy } from '../../../lib/http/network-policy.js';
import { startHttp, startTcp } from '../../support/local-servers.js';

const senders: HttpSender[] = [];
afterEach(() => Promise.all(senders.splice(0).map((each) => each.close())));

function sender(connections = 8): HttpSender {
  const made = new HttpSender(new NetworkPolicy({ allow: ['127.0.0.1/32'] }), { connections });
  senders.push(made);
  return made;
}

const post = (url: string, timeout = 2_000): SendRequest => ({
  url,
  method: 'POST',
  headers: { 'content-type': 'text/plain' },
  body: 'hello',
  timeout,
});

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n';

function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 20);
  socket.on('close', () => clearInterval(timer));
}

function drippingHeaders(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\nx-drip: ');
  drip(socket, 'y');
}

function drippingBody(socket: Socket): void {
  socket.write(HEAD);
  drip(socket, 'x');
}

describe('the total timeout', () => {
  it.each<[string, (socket: Socket) => void, RegExp]>([
    ['no answer', () => undefined, /took the request and did not answer/],
    ['dripping headers', drippingHeaders, /did not answer/],
    ['endless announcements', (socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'), /did not answer/],
    ['a body that stops', (socket) => socket.write(`${HEAD}half`), /began to answer and did not finish/],
    ['a dripping body', drippingBody, /began to answer/],
  ])('covers %s', async (_, behave, message) => {
    await using server = await startTcp(behave);
    const start = performance.now();
    const result = await sender().send(post(server.url, 300));
    expect(performance.now() - start).toBeLessThan(1_500);
    expect(result).toMatchObject({
      ok: false,
      errorClass: 'timeout',
      ours: false,
      remoteAddress: '127.0.0.1',
    });
    expect(result).toHaveProperty('message', expect.stringMatching(message));
    expect(result.timings.total).toBeGreaterThanOrEqual(299);
  });

  it('covers a TLS handshake that never ends', async () => {
    await using server = await startTcp(() => undefined);
    const result = await sender().send(post(server.url.replace('http', 'https'), 300));
    expect(result).toMatchObject({ ok: false, errorClass: 'timeout', ours: false });
    expect(result).toHaveProperty('message', expect.stringContaining('TLS handshake'));
  });

  it('covers waiting for a free connection, and never sends afterwards', async () => {
    const seen: string[] = [];
    let release: (() => void) | undefined;
    await using server = await startHttp((request, response) => {
      seen.push(request.url ?? '');
      if (request.url === '/slow') release = () => response.end('done');
      else response.end('ok');
    });
    const sending = sender(1);
    const slow = sending.send(post(`${server.url}slow`));
    await vi.waitFor(() => expect(seen).toEqual(['/slow']));
    const queued = await sending.send(post(`${server.url}queued`, 200));
    expect(queued).toMatchObject({ ok: false, errorClass: 'timeout', ours: false });
    expect(queued).toHaveProperty(
      'message',
      expect.stringContaining('connections to the receiver were busy'),
    );
    release?.();
    expect(await slow).toMatchObject({ ok: true, body: 'done' });
    expect(await sending.send(post(`${server.url}next`))).toMatchObject({ ok: true });
    expect(seen).toEqual(['/slow', '/next']);
  });

  it('names the status where the answer had begun', async () => {
    await using server = await startTcp((socket) => socket.write(HEAD));
    expect(await sender().send(post(server.url, 200))).toMatchObject({ statusCode: 200 });
  });
});

it.each<[string, (socket: Socket) => void, string]>([
  ['closes before answering', (socket) => socket.end(), 'connect'],
  ['resets before answering', (socket) => socket.resetAndDestroy(), 'connect'],
  ['closes in the middle of the body', (socket) => socket.end(`${HEAD}half`), 'connect'],
  [
    'resets in the middle of the body',
    (socket) => socket.write(`${HEAD}half`, () => socket.resetAndDestroy()),
    'connect',
  ],
  ['does not speak HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'), 'protocol'],
  [
    'answers with broken chunks',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    'protocol',
  ],
  [
    'floods with headers',
    (socket) => socket.end(`HTTP/1.1 200 OK\r\n${'x-flood: y\r\n'.repeat(5_000)}\r\n`),
    'protocol',
  ],
  [
    'sends one huge header',
    (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`),
    'protocol',
  ],
  [
    'switches protocols unasked',
    (socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    'connect',
  ],
])('a receiver that %s fails with words for operators', async (_, behave, errorClass) => {
  await using server = await startTcp(behave);
  const result = await sender().send(post(server.url));
  expect(result).toMatchObject({ ok: false, errorClass, ours: false });
  expect(result).toHaveProperty('message', expect.stringMatching(/^The .{20,}\.$|\?$/));
  expect(server.connections()).toBe(1);
});

it('a connection that is reset as soon as it is there is broken off, not forbidden', async () => {
  await using server = await startTcp(() => undefined);
  // As it is of a socket that was reset before anybody asked for its address, which Node asks with this method.
  const sockets = Socket.prototype as unknown as { _getpeername: () => { address?: string } };
  const address = vi.spyOn(sockets, '_getpeername').mockReturnValue({});
  try {
    const result = await sender().send(post(server.url));
    expect(result).toMatchObject({ ok: false, errorClass: 'connect', ours: false, remoteAddress: null });
    expect(result).toHaveProperty('message', expect.stringContaining('ECONNRESET'));
  } finally {
    address.mockRestore();
  }
});

it('says that nothing listens', async () => {
  const server = await startHttp(() => undefined);
  await server.close();
  expect(await sender().send(post(server.url))).toMatchObject({
    ok: false,
    errorClass: 'connect',
    ours: false,
    message:
      'The connection failed (ECONNREFUSED). Nothing listens there. Start the receiver, or correct the port.',
  });
});

it('works on after every kind of failure', async () => {
  let behave: ((socket: Socket) => unknown) | undefined;
  await using server = await startTcp((socket) => behave?.(socket));
  const sending = sender(1);
  const failures: ((socket: Socket) => unknown)[] = [
    (socket) => socket.resetAndDestroy(),
    (socket) => socket.end('junk\r\n\r\n'),
    (socket) => socket.end(),
  ];
  for (behave of failures) {
    expect(await sending.send(post(server.url))).toMatchObject({ ok: false });
  }
  behave = () => undefined;
  expect(await sending.send(post(server.url, 100))).toMatchObject({ ok: false, errorClass: 'timeout' });
  behave = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  expect(await sending.send(post(server.url))).toMatchObject({ ok: true, body: 'ok' });
});

describe('an idle connection that the receiver closes while the next request is on its way', () => {
  it('costs no attempt: the request is sent once more', async () => {
    const requests = new Map<Socket, number>();
    await using server = await startTcp((socket) => {
      const count = (requests.get(socket) ?? 0) + 1;
      requests.set(socket, count);
      if (count === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else socket.resetAndDestroy();
    });
    const sending = sender(1);
    expect(await sending.send(post(server.url))).toMatchObject({ ok: true });
    expect(await sending.send(post(server.url))).toMatchObject({ ok: true, body: 'ok' });
    expect([...requests.values()]).toEqual([2, 1]);
  });

  it('is tried once more only once, and not after the answer has begun', async () => {
    let seen = 0;
    await using server = await startTcp((socket) => {
      seen++;
      if (seen === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else if (seen === 2) socket.write(`${HEAD}half`, () => socket.resetAndDestroy());
      else socket.resetAndDestroy();
    });
    const sending = sender(1);
    expect(await sending.send(post(server.url))).toMatchObject({ ok: true });
    expect(await sending.send(post(server.url))).toMatchObject({ ok: false, statusCode: 200 });
    expect(seen).toBe(2);
  });
});

describe('stopping', () => {
  it('by signal, before and while it is under way', async () => {
    await using server = await startTcp(() => undefined);
    const controller = new AbortController();
    const sending = sender();
    const running = sending.send({ ...post(server.url), signal: controller.signal });
    await vi.waitFor(() => expect(server.connections()).toBe(1));
    controller.abort();
    expect(await running).toMatchObject({ ok: false, errorClass: 'aborted', ours: true });
    const late = sending.send({ ...post(server.url), signal: controller.signal });
    expect(await late).toMatchObject({ ok: false, errorClass: 'aborted', ours: true });
    expect(server.connections()).toBe(1);
  });

  it('by close, which breaks off what is under way and refuses what comes later', async () => {
    await using server = await startTcp(() => undefined);
    const sending = sender();
    const running = sending.send(post(server.url));
    await vi.waitFor(() => expect(server.connections()).toBe(1));
    await sending.close();
    expect(await running).toMatchObject({ ok: false, errorClass: 'aborted', ours: true });
    expect(await sending.send(post(server.url))).toMatchObject({
      ok: false,
      errorClass: 'aborted',
      ours: true,
    });
  });
});
