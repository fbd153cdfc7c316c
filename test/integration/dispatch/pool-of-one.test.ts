import type { DataSourceOptions } from 'typeorm';
import { expect, it } from 'vitest';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { describeOn, mariadb, postgres, type TestDatabase } from '../../support/databases.js';
import { postgresQueue, redisQueue } from '../../support/queues.js';
import { Router } from '../../fixtures/network/router.entity.js';

const stores = [
  { database: postgres, queue: redisQueue },
  { database: postgres, queue: postgresQueue },
  { database: mariadb, queue: redisQueue },
].map(({ database, queue }) => ({
  database,
  queue,
  name: `${database.name} with a queue in ${queue.name}`,
  available: database.available && queue.available,
}));

describeOn(stores, 'a pool of one connection to $name', ({ database, queue }) => {
  const ofOne: TestDatabase = {
    ...database,
    create: async () => {
      const { options, drop } = await database.create();
      return { options: { ...options, poolSize: 1 } as DataSourceOptions, drop };
    },
  };

  it('is enough to deliver, in order and with a limit, and to enable and delete', async () => {
    const world = await DeliveryWorld.start(ofOne, queue);
    const id = await world.define({
      ordered: true,
      rateLimit: 100,
      conditions: { attr: 'name', value: 'r' },
    });
    const routers = world.dataSource.getRepository(Router);
    const { id: routerId } = await routers.save(routers.create({ name: 'r' }));
    await routers.save({ id: routerId, status: 'active' });
    expect((await world.receiver.waitForRequests(2)).length).toBe(2);
    await world.settle('succeeded', 'succeeded');

    await world.webhooks.update(id, { enabled: false });
    await routers.delete(routerId);
    await world.settle('succeeded', 'succeeded', 'held');
    await world.webhooks.update(id, { enabled: true });
    await world.settle('succeeded', 'succeeded', 'succeeded');
    await world.webhooks.delete(id);
    await world.close();
  });
});
