import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeliveryFeeder } from '../../../lib/delivery/delivery.feeder.js';
import { DeliveryQueue } from '../../../lib/delivery/delivery.queue.js';
import { redisBackend } from '../../../lib/delivery/queue-backends.js';
import { startTcp, type LocalServer } from '../../support/local-servers.js';

describe('a Redis that takes connections and never answers', () => {
  let server: LocalServer;
  let redis: Redis;
  let queue: DeliveryQueue;
  beforeEach(async () => {
    server = await startTcp(() => undefined);
    redis = new Redis(server.port, '127.0.0.1', { maxRetriesPerRequest: null, retryStrategy: () => null });
    queue = new DeliveryQueue(redisBackend(new Queue('silent', { connection: redis })));
  });
  afterEach(async () => {
    redis.disconnect();
    await server.close();
  });

  it('is waited for no longer than it is worth', async () => {
    const asked = queue.waiting().then(() => 'as long as a worker waits');
    const short = queue.waiting(1);
    expect(await Promise.race([asked, short])).toBe(Number.POSITIVE_INFINITY);
  });

  it('has no room for new deliveries, which is known before a worker would stop asking', async () => {
    const lanes = { full: () => [], hasRoom: () => true };
    const feeder = new DeliveryFeeder(undefined as never, queue, lanes);
    feeder.start();
    const asked = queue.waiting().then(() => 'later');
    expect(await Promise.race([asked, feeder.withRoom(['a webhook'])])).toEqual(new Set());
    await feeder.stop();
  });
});
