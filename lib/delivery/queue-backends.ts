import { Queue, Worker, createPostgresBackend, runMigrations, withBackend } from 'bullmq';
import type { DataSource } from 'typeorm';
import { WebhooksError } from '../common/webhooks-error.js';
import type { QueueBackend } from './delivery.queue.js';

/** The backend of a queue that `@nestjs/bullmq` made and closes. */
export function redisBackend(queue: Queue): QueueBackend {
  return {
    queue,
    createWorker: (process, options) => {
      const { connection, prefix } = queue.opts;
      return new Worker(queue.name, process, {
        ...options,
        connection,
        ...(prefix === undefined ? {} : { prefix }),
      });
    },
    close: () => Promise.resolve(),
  };
}

/** Where BullMQ keeps its tables when it is given a pool. */
const SCHEMA = 'bullmq';

/** Connections to the database for the queue; a worker has as many again. */
const POOL_SIZE = 4;

interface PgPool {
  readonly options: { password?: unknown };
  connect(): Promise<Parameters<typeof runMigrations>[0] & { release(): void }>;
  on(event: 'error', listener: (error: Error) => void): void;
  end(): Promise<void>;
}

interface PgDriver {
  readonly postgres: { Pool: new (options: object) => PgPool };
  readonly master: PgPool;
}

/**
 * A queue in the PostgreSQL database of the data source, for this queue only: the classes are bound to the backend, so
 * that the application's own queues stay where they are. Creates or migrates BullMQ's tables, in a schema of their own.
 *
 * @throws WebhooksError `WEBHOOKS_QUEUE_BACKEND` when the data source is not PostgreSQL
 */
export async function postgresBackend(dataSource: DataSource, name: string): Promise<QueueBackend> {
  if (dataSource.options.type !== 'postgres') {
    throw new WebhooksError(
      'WEBHOOKS_QUEUE_BACKEND',
      `queue.backend is 'postgres', but the data source is "${dataSource.options.type}". Use 'redis' with ` +
        'BullModule.forRoot(), or a PostgreSQL data source.',
    );
  }
  const bound = withBackend(createPostgresBackend);
  const pools: PgPool[] = [];
  const createPool = () => {
    const { postgres, master } = dataSource.driver as unknown as PgDriver;
    // A pool of its own with the settings of the data source; `password` is not enumerable there.
    const pool = new postgres.Pool({
      ...master.options,
      password: master.options.password,
      max: POOL_SIZE,
      options: `-c search_path=${SCHEMA}`,
    });
    // Connections that break while idle are replaced; unheard, the event would end the process.
    pool.on('error', () => undefined);
    pools.push(pool);
    return pool;
  };
  const ownPool = createPool();
  const client = await ownPool.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    client.release();
  }
  return {
    // The classes are the same but for the type of their connection.
    queue: new bound.Queue(name, { connection: ownPool as never }) as unknown as Queue,
    createWorker: (process, options) =>
      new bound.Worker(name, process, { ...options, connection: createPool() as never }) as unknown as Worker,
    close: async () => {
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}
