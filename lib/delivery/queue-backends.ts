import { Queue, Worker, createPostgresBackend, withBackend } from 'bullmq';
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

/** Connections to the database for the queue; a worker has as many again. */
const POOL_SIZE = 4;

interface PgPool {
  readonly options: { password?: unknown };
  end(): Promise<void>;
}

interface PgDriver {
  readonly postgres: { Pool: new (options: object) => PgPool };
  readonly master: PgPool;
}

/**
 * A queue in the PostgreSQL database of the data source, for this queue only: the classes are bound to the backend, so
 * that the application's own queues stay where they are.
 *
 * @throws WebhooksError `WEBHOOKS_QUEUE_BACKEND` when the data source is not PostgreSQL
 */
export function postgresBackend(dataSource: DataSource, name: string): QueueBackend {
  if (dataSource.options.type !== 'postgres') {
    throw new WebhooksError(
      'WEBHOOKS_QUEUE_BACKEND',
      `queue.backend is 'postgres', but the data source is "${dataSource.options.type}". Use 'redis' with ` +
        'BullModule.forRoot(), or a PostgreSQL data source.',
    );
  }
  const bound = withBackend(createPostgresBackend);
  const pools: PgPool[] = [];
  const connection = () => {
    const { postgres, master } = dataSource.driver as unknown as PgDriver;
    // A pool of its own with the settings of the data source; `password` is not enumerable there. BullMQ keeps its
    // tables in a schema of this name and expects the pool to look there.
    const pool = new postgres.Pool({
      ...master.options,
      password: master.options.password,
      max: POOL_SIZE,
      options: '-c search_path=bullmq',
    });
    pools.push(pool);
    return pool as never;
  };
  return {
    // The classes are the same but for the type of their connection.
    queue: new bound.Queue(name, { connection: connection() }) as unknown as Queue,
    createWorker: (process, options) =>
      new bound.Worker(name, process, { ...options, connection: connection() }) as unknown as Worker,
    close: async () => {
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}
