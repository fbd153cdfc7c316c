import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { secretBytes } from '../signing/secret-bytes.js';
import { SignatureError } from '../signing/signature-error.js';
import { verifyWebhook } from '../signing/verify-webhook.js';
import type { ReceivedRequest } from './format-request.js';

/** How a receiver behaves. */
export interface ReceiverOptions {
  /**
   * Port on `localhost`; `0` takes a free one.
   *
   * @defaultValue `9000`
   */
  readonly port?: number;
  /** Secrets to check signatures with. Default: none are checked. */
  readonly secrets?: readonly string[];
  /**
   * Status of every answer.
   *
   * @defaultValue `200`
   */
  readonly status?: number;
  /**
   * Milliseconds before each answer.
   *
   * @defaultValue `0`
   */
  readonly delay?: number;
  /** Called with each request as soon as it is complete. */
  readonly onRequest?: (request: ReceivedRequest) => void;
}

/** A receiver that is listening. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** The last thousand requests, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** Stops at once, breaking off what is open. */
  readonly close: () => Promise<void>;
}

const MAX_KEPT = 1_000;

/**
 * Starts a server on `localhost` that takes any request and does nothing with it but show it: to try webhooks on.
 *
 * @throws the error of `listen` (`EADDRINUSE` for a taken port), SignatureError for a secret that cannot be one
 */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { secrets = [], status = 200, delay = 0, onRequest } = options;
  secrets.forEach(secretBytes);
  const requests: ReceivedRequest[] = [];
  const waiting = new Set<NodeJS.Timeout>();
  let number = 0;

  function receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    const receivedAt = new Date();
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const received: ReceivedRequest = {
        number: ++number,
        receivedAt,
        remoteAddress: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
        method: request.method ?? '',
        path: request.url ?? '',
        httpVersion: request.httpVersion,
        headers: pairs(request.rawHeaders),
        body: body.toString('utf8'),
        status,
        signature: secrets.length === 0 ? null : judge(request, body, secrets),
      };
      requests.push(received);
      if (requests.length > MAX_KEPT) requests.shift();
      onRequest?.(received);
      const timer = setTimeout(() => {
        waiting.delete(timer);
        answer(response, status);
      }, delay);
      waiting.add(timer);
    });
  }

  const servers = await listen(receive, options.port ?? 9000);
  const port = portOf(servers[0]);
  return {
    url: `http://localhost:${port}`,
    port,
    requests,
    close: async () => {
      // An answer that is still to come would keep the process alive.
      for (const timer of waiting) clearTimeout(timer);
      await Promise.all(servers.map(stop));
    },
  };
}

/** `localhost` means 127.0.0.1 to some clients and ::1 to others. Machines without IPv6 have the first only. */
async function listen(
  receive: (request: IncomingMessage, response: ServerResponse) => void,
  port: number,
): Promise<[Server, ...Server[]]> {
  const ipv4 = await listenOn('127.0.0.1', port, receive);
  try {
    return [ipv4, await listenOn('::1', portOf(ipv4), receive)];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return [ipv4];
    await stop(ipv4);
    throw error;
  }
}

function listenOn(
  host: string,
  port: number,
  receive: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(receive);
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(status === 204 || status === 304 ? undefined : 'Webhook received.\n');
}

function judge(request: IncomingMessage, body: Buffer, secrets: readonly string[]): string {
  try {
    verifyWebhook(request.headers, body, secrets);
    return 'VALID';
  } catch (error) {
    if (error instanceof SignatureError) return `INVALID. ${error.message}`;
    throw error;
  }
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : []));
}
