import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Client } from 'pg';

/** A pooler between an application and PostgreSQL, as PgBouncer is one. */
export interface TransactionPooler {
  /** The database's URL with its port. */
  readonly url: string;
  close(): Promise<void>;
}

const [SYNC, QUERY, TERMINATE, READY, IDLE] = Buffer.from('SQXZI');

/**
 * Gives each transaction of one client the next of two connections. The client is told of a server process that is none,
 * as poolers do.
 */
export async function startTransactionPooler(databaseUrl: string): Promise<TransactionPooler> {
  const servers = [await connectServer(databaseUrl), await connectServer(databaseUrl)];
  const clients = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (client) => {
    clients.add(client);
    client.on('error', () => client.destroy());
    client.once('data', () => {
      client.write(GREETING);
      serve(client, servers);
    });
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((listener.address() as AddressInfo).port);
  return {
    url: url.href,
    close: async () => {
      for (const socket of [...clients, ...servers]) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** Connected and authenticated by `pg`; from then on only the socket is used. */
async function connectServer(url: string): Promise<Socket> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  for (const event of ['data', 'end', 'close', 'error']) stream.removeAllListeners(event);
  stream.on('error', () => stream.destroy());
  stream.setNoDelay(true);
  return stream;
}

function serve(client: Socket, servers: readonly Socket[]): void {
  let turn = 0;
  let server: Socket | undefined;
  let asked = 0;
  eachMessage(client, (type, message) => {
    if (type === TERMINATE) return void client.end();
    server ??= servers[turn++ % servers.length] as Socket;
    if (type === SYNC || type === QUERY) asked += 1;
    server.write(message);
  });
  for (const each of servers) {
    eachMessage(each, (type, message) => {
      if (type === READY && --asked === 0 && message[5] === IDLE) server = undefined;
      client.write(message);
    });
  }
}

function eachMessage(socket: Socket, heard: (type: number | undefined, message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const length = rest.readInt32BE(1) + 1;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      heard(message[0], message);
    }
  });
}

/** Authentication succeeded; process 1 with key 2; ready. */
const GREETING = Buffer.concat([
  Buffer.from('R\0\0\0\x08\0\0\0\0', 'latin1'),
  Buffer.from('K\0\0\0\x0c\0\0\0\x01\0\0\0\x02', 'latin1'),
  Buffer.from('Z\0\0\0\x05I', 'latin1'),
]);
