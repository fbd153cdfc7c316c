import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

describeOn([allInPostgres], 'a retry of many on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue);
  });
  afterEach(() => world.close());

  it('leaves what succeeded after it was selected', async () => {
    world.receiver.answer = (_, response) => response.writeHead(500).end();
    await world.define({ schedule: [0] });
    await commitEvents(world.dataSource, 2);
    const [first] = await world.settle('failed', 'failed');
    world.receiver.answer = (_, response) => response.end();
    let retrying: Promise<unknown> = Promise.resolve();
    await world.dataSource.transaction(async (manager) => {
      await manager.query(`UPDATE webhook_delivery SET status = 'succeeded' WHERE id = '${first?.id}'`);
      retrying = world.deliveries.retryMany({});
      await waitFor('the retry to wait for the row', async () => {
        // Not in the transaction: it would be told each time what it was told first.
        const waiting = await world.dataSource.query<unknown[]>(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.length > 0;
      });
    });
    expect(await retrying).toEqual({ count: 1 });
    await world.settle('succeeded', 'succeeded');
    expect(await world.attempts()).toHaveLength(3);
  });
});
