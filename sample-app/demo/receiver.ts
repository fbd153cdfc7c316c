import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP server on loopback that answers 204 and keeps what it gets. */
export class Receiver {
  private readonly arrived: ReceivedRequest[] = [];
  private notify: (() => void) | undefined;

  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      this.arrived.push({ method, path, headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(204).end();
      this.notify?.();
    });
  });

  /** Listens; gives its URL. */
  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** The next request; `undefined` if none comes within the milliseconds. */
  async next(patience: number): Promise<ReceivedRequest | undefined> {
    if (this.arrived.length === 0)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patience);
        this.notify = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.notify = undefined;
    return this.arrived.shift();
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
