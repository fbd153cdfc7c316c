import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { startHttp } from './local-servers.js';
import { waitFor } from './wait-for.js';

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** `performance.now()` when it was complete. */
  readonly at: number;
}

/** A real HTTP server that keeps what it is sent. */
export interface Receiver {
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** Decides the answer; 200 unless set. */
  answer: (request: ReceivedRequest, response: ServerResponse) => void;
  /** Waits until at least this many requests arrived. */
  waitForRequests(count: number, milliseconds?: number): Promise<ReceivedRequest[]>;
  close(): Promise<void>;
}

/** Starts a receiver on 127.0.0.1. */
export async function startReceiver(): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const server = await startHttp((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        at: performance.now(),
      };
      requests.push(received);
      receiver.answer(received, response);
    });
  });
  const receiver: Receiver = {
    url: server.url,
    requests,
    answer: (_, response) => response.end(),
    waitForRequests: (count, milliseconds) =>
      waitFor(
        `${count} requests at the receiver`,
        () => (requests.length >= count ? [...requests] : undefined),
        milliseconds,
      ),
    close: server.close,
  };
  return receiver;
}
