// Replaces this file's Date.
import '../../chaos/skewed-clock.mjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOn, mariadb, postgres } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { redisQueue } from '../../support/queues.js';

/** What a right clock says, which no shift of `Date` touches. */
const rightNow = () => performance.timeOrigin + performance.now();

describeOn([postgres, mariadb], 'a worker whose clock is wrong, on $name', (database) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, redisQueue);
  });
  afterEach(() => world.close());

  it('signs with a time that receivers accept, and retries when it is due', async () => {
    expect(Math.abs(Date.now() - rightNow())).toBeGreaterThan(300_000);
    world.receiver.answer = (_, response) => {
      response.statusCode = world.receiver.requests.length === 1 ? 500 : 200;
      response.end();
    };
    await world.define({ schedule: [0, 500] });
    await commitEvents(world.dataSource, 1);
    await world.settle('succeeded');
    for (const { headers } of world.receiver.requests) {
      expect(Math.abs(Number(headers['webhook-timestamp']) * 1_000 - rightNow())).toBeLessThan(20_000);
    }
    const [first, second] = world.receiver.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(450);
  });
});
