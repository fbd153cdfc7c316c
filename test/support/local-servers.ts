import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A server on 127.0.0.1 that a test may treat badly. */
export interface LocalServer {
  readonly port: number;
  /** `http://127.0.0.1:port/`, or `https:` */
  readonly url: string;
  /** Connections accepted so far. */
  readonly connections: () => number;
  /** Stops listening and breaks off what is open. Disposing does the same. */
  readonly close: () => Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A file of `test/fixtures/tls`. */
export function tlsFixture(name: string): string {
  return readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
}

export function startHttp(listener: RequestListener, host = '127.0.0.1'): Promise<LocalServer> {
  return start(createHttpServer(listener), 'http', host);
}

/** @param certificate name of a fixture, such as `server` or `self-signed` */
export function startHttps(certificate: string, listener: RequestListener): Promise<LocalServer> {
  const tls = { key: tlsFixture(`${certificate}.key`), cert: tlsFixture(`${certificate}.pem`) };
  return start(createHttpsServer(tls, listener), 'https');
}

/** @param onRequest called with each chunk that arrives, usually one for each small request */
export function startTcp(onRequest: (socket: Socket, chunk: string) => void): Promise<LocalServer> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => onRequest(socket, chunk.toString('latin1')));
  });
  return start(server, 'http');
}

async function start(server: Server, protocol: string, host = '127.0.0.1'): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    port,
    url: `${protocol}://127.0.0.1:${port}/`,
    connections: () => connections,
    close,
    [Symbol.asyncDispose]: close,
  };
}
