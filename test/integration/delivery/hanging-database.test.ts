import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebhooksLifecycle } from '../../../lib/webhooks.lifecycle.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres, postgresAndRedis } from '../../support/stores.js';

describeOn([allInPostgres, postgresAndRedis], 'a database that hangs, on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue, { delivery: { shutdownTimeout: 300 } });
  });
  afterEach(() => world.close());

  it('does not keep a process from stopping', async () => {
    let answer: () => void = () => {};
    world.receiver.answer = (_, response) => {
      answer = () => response.end();
    };
    await world.define();
    await commitEvents(world.dataSource, 1);
    await world.receiver.waitForRequests(1);
    const other = world.dataSource.createQueryRunner();
    await other.startTransaction();
    try {
      await other.query('LOCK TABLE webhook_delivery IN ACCESS EXCLUSIVE MODE');
      answer();
      const began = performance.now();
      await world.application.get(WebhooksLifecycle).beforeApplicationShutdown();
      expect(performance.now() - began).toBeLessThan(15_000);
    } finally {
      await other.rollbackTransaction();
      await other.release();
    }
  }, 40_000);
});
