import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeliveryLanes } from '../../../lib/delivery/delivery-lanes.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres, mariadbAndRedis, sqljsAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

const HOUR = 3_600_000;
const stores = [allInPostgres, mariadbAndRedis, sqljsAndRedis];
/** More milliseconds than a delivery may wait for its turn without being looked at again. */
const LONG = 700;

/** One request goes at a time, and up to eight deliveries are locked for it. */
describeOn(stores, 'what waits for its turn on $name', ({ database, queue }) => {
  let world: DeliveryWorld;
  let id: string;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue, {
      delivery: { concurrencyPerWebhook: 1, health: { pauseAfter: 3, pause: HOUR } },
    });
  });
  afterEach(() => world.close());

  const locked = async () => (await world.all()).filter(({ lockToken }) => lockToken !== null).length;

  const allDone = () =>
    waitFor('what was taken to be done', () => world.application.get(DeliveryLanes)['known'].size === 0);

  it.each([
    ['is cancelled', ['cancelled', 'cancelled'], () => world.deliveries.cancelMany({ status: ['pending'] })],
    ['has its webhook disabled', ['held', 'held'], () => world.webhooks.update(id, { enabled: false })],
    ['has its webhook deleted', ['cancelled', 'cancelled'], () => world.webhooks.delete(id)],
  ] as const)('is not sent when it %s meanwhile', async (_, statuses, change) => {
    const slow: ServerResponse[] = [];
    world.receiver.answer = (__, response) => void slow.push(response);
    id = await world.define();
    await commitEvents(world.dataSource, 3);
    await world.receiver.waitForRequests(1);
    await waitFor('all to be locked', async () => (await locked()) === 3);
    const began = performance.now();
    await change();
    await waitFor('them to have waited for long', () => performance.now() - began > LONG);
    world.receiver.answer = (__, response) => response.end();
    for (const response of slow) response.end();
    await allDone();
    expect(await locked()).toBe(0);
    expect((await world.all()).map(({ status }) => status)).toEqual(expect.arrayContaining([...statuses]));
    expect(await world.attempts()).toHaveLength(1);
    expect(world.receiver.requests).toHaveLength(1);
  });

  it('loses no attempt when the endpoint begins to rest meanwhile', async () => {
    const failures = async () =>
      (await world.dataSource.getRepository(Webhook).findOneByOrFail({ id })).failureCount;
    world.receiver.answer = (_, response) => {
      const before = world.receiver.requests.length - 1;
      response.statusCode = 500;
      // So that each request goes when those before it are judged, but for the last of them.
      void waitFor('the failure before', async () => (await failures()) >= before - 1).then(() =>
        response.end(),
      );
    };
    id = await world.define({ schedule: [0, HOUR] });
    await commitEvents(world.dataSource, 8);
    await waitFor('the rest', async () => (await failures()) >= 3);
    await allDone();
    expect(await locked()).toBe(0);
    expect(world.receiver.requests.length).toBeLessThanOrEqual(5);
    expect((await world.all()).filter(({ made }) => made === 0).length).toBeGreaterThanOrEqual(3);
  });
});
