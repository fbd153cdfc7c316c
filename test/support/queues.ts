import { randomBytes } from 'node:crypto';
import { BullModule } from '@nestjs/bullmq';
import type { DynamicModule } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { QueueOptions } from '../../lib/options/structural-options.js';
import { serviceUrl } from './services.js';

/** A kind of queue store that suites run on; `describeOn` of `databases.ts` takes them too. */
export interface TestQueue {
  readonly name: 'redis' | 'postgres';
  /** Whether it is there. */
  readonly available: boolean;
  /** An empty store: what a host imports and says for it; `drop` removes what it holds. */
  create(): Promise<{ imports: DynamicModule[]; queue: QueueOptions; drop: () => Promise<void> }>;
}

export const redisQueue: TestQueue = {
  name: 'redis',
  available: process.env['REDIS_URL'] !== undefined,
  create: () => {
    const prefix = `webhooks_test_${randomBytes(6).toString('hex')}`;
    const { hostname, port, username, password, pathname } = new URL(serviceUrl('REDIS_URL'));
    const connection = {
      host: hostname,
      port: Number(port || 6379),
      db: Number(pathname.slice(1) || 0),
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    };
    return Promise.resolve({
      imports: [BullModule.forRoot({ connection, prefix })],
      queue: { backend: 'redis' },
      drop: () => dropKeys(prefix),
    });
  },
};

/** Lives in the database of the data source and goes with it. */
export const postgresQueue: TestQueue = {
  name: 'postgres',
  available: process.env['DATABASE_URL'] !== undefined,
  create: () =>
    Promise.resolve({ imports: [], queue: { backend: 'postgres' }, drop: () => Promise.resolve() }),
};

async function dropKeys(prefix: string): Promise<void> {
  const redis = new Redis(serviceUrl('REDIS_URL'));
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.unlink(keys);
  await redis.quit();
}
