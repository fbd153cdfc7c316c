import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tlsFixture } from './local-servers.js';

/** A forward proxy that opens tunnels, and tells for what it was asked. */
export interface ForwardProxy {
  readonly url: string;
  /** `address:port` of each CONNECT, in their order. */
  readonly asked: string[];
  /** What was asked for by requests that are no CONNECT. */
  readonly forwarded: string[];
  /** Decides what a CONNECT gets; opens the tunnel unless set. */
  answer: ((request: IncomingMessage, socket: Socket) => void) | undefined;
  readonly close: () => Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ForwardProxyOptions {
  /** `user:password`; asked for when there is one. */
  readonly credentials?: string;
  /** Speak TLS, with the fixture of this name. */
  readonly certificate?: string;
}

/** Starts a proxy on 127.0.0.1. */
export async function startProxy({
  credentials,
  certificate,
}: ForwardProxyOptions = {}): Promise<ForwardProxy> {
  const server =
    certificate === undefined
      ? createHttpServer()
      : createHttpsServer({ key: tlsFixture(`${certificate}.key`), cert: tlsFixture(`${certificate}.pem`) });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('request', (request: IncomingMessage, response) => {
    proxy.forwarded.push(request.url ?? '');
    response.writeHead(400).end();
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => undefined);
    proxy.asked.push(request.url ?? '');
    if (proxy.answer !== undefined) return proxy.answer(request, socket);
    const expected =
      credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
    if (request.headers['proxy-authorization'] !== expected) {
      return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n');
    }
    openTunnel(request, socket, sockets);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const scheme = certificate === undefined ? 'http' : 'https';
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const user = credentials === undefined ? '' : `${credentials}@`;
  const proxy: ForwardProxy = {
    url: `${scheme}://${user}127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    forwarded: [],
    answer: undefined,
    close,
    [Symbol.asyncDispose]: close,
  };
  return proxy;
}

function openTunnel({ url = '' }: IncomingMessage, socket: Socket, sockets: Set<Socket>): void {
  const { hostname, port } = new URL(`http://${url}`);
  const onward = connect(Number(port || 80), hostname.replace(/^\[|\]$/g, ''));
  sockets.add(onward);
  onward.on('close', () => {
    sockets.delete(onward);
    socket.destroy();
  });
  socket.on('close', () => onward.destroy());
  onward.once('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  onward.once('connect', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.pipe(socket).pipe(onward);
  });
}
