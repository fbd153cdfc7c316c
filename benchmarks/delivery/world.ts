import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { WEBHOOKS_MIGRATIONS } from '../../lib/model/migrations/webhooks-migrations.js';
import { WEBHOOKS_ENTITIES } from '../../lib/model/webhooks-entities.js';
import { startEmbeddedPostgres } from '../../sample-app/services/embedded-postgres.js';
import { startRedisServer } from '../../test/support/redis-server.js';
import { startChild, type Child } from '../child.js';
import type { WorkerOptions } from './worker-process.js';

export type Store = WorkerOptions['store'];

/** What the receiver counts, and when the last request of the run-up and of all came. */
export interface Received {
  readonly count: number;
  readonly runUp: number;
  readonly begin: number;
  readonly last: number;
  /** Requests that wait for an answer and get none. */
  readonly hanging: number;
}

/** Services of a benchmark: PostgreSQL, Redis and a receiver, each a process of its own. */
export interface World {
  readonly dataSource: DataSource;
  readonly receiver: Child;
  /** Of the receiver. */
  readonly url: string;
  readonly workerOptions: Omit<WorkerOptions, 'kind' | 'store'>;
  /** Waits until the receiver has so many requests; gives requests a second of those after the run-up. */
  rate(count: number, during?: () => Promise<unknown>): Promise<number>;
  close(): Promise<void>;
}

/** Starts all of it; every world has its own servers. */
export async function startWorld(concurrency: number): Promise<World> {
  const postgres = await startEmbeddedPostgres();
  const redis = await startRedisServer();
  if (redis === undefined) throw new Error('The benchmark needs redis-server on the PATH.');
  const dataSource = await new DataSource({
    type: 'postgres',
    url: postgres.url,
    entities: [...WEBHOOKS_ENTITIES],
    migrations: [...WEBHOOKS_MIGRATIONS],
  }).initialize();
  await dataSource.runMigrations();
  const receiver = await startChild('delivery/receiver-process');
  const { hostname, port } = new URL(redis.url);
  return {
    dataSource,
    receiver,
    url: (receiver.first as { url: string }).url,
    workerOptions: {
      database: postgres.url,
      redis: { host: hostname, port: Number(port) },
      prefix: randomBytes(4).toString('hex'),
      concurrency,
    },
    rate: async (count, during) => {
      for (;;) {
        const received = await receiver.ask<Received>('read');
        const { runUp, begin, last } = received;
        if (received.count >= count) return ((count - runUp) * 1_000) / (last - begin);
        await during?.();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    close: async () => {
      await receiver.stop();
      await dataSource.destroy();
      await redis.close();
      await postgres.close();
    },
  };
}

/** Waits until every delivery has ended. */
export async function settled(dataSource: DataSource): Promise<void> {
  for (;;) {
    const [row] = await dataSource.query<{ open: boolean }[]>(
      `SELECT EXISTS (SELECT 1 FROM webhook_delivery WHERE status = 'pending') AS open`,
    );
    if (row?.open !== true) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
