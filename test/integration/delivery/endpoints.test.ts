import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeliveryQueue } from '../../../lib/delivery/delivery.queue.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres, mariadbAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const stores = [allInPostgres, mariadbAndRedis];

describeOn(stores, 'the health of endpoints on $name', ({ database, queue }) => {
  let world: DeliveryWorld;
  let told: string[];

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue, {
      delivery: { health: { pauseAfter: 5, pause: HOUR, disableAfterFailures: 8, disableAfterTime: DAY } },
    });
    told = [];
    for (const name of ['paused', 'disabled', 'healed'] as const)
      world.notices.on(name, () => void told.push(name));
  });
  afterEach(() => world.close());

  const answer = (decide: (count: number) => number) => {
    world.receiver.answer = (_, response) => {
      response.statusCode = decide(world.receiver.requests.length);
      response.end();
    };
  };
  const row = async (id: string) => world.dataSource.getRepository(Webhook).findOneByOrFail({ id });
  const many = (count: number, status: string) => Array.from({ length: count }, () => status);

  it('failures with successes between them are not in a row, however much was taken ahead', async () => {
    answer((count) => (count % 6 === 0 ? 500 : 200));
    const jobs = world.application.get(DeliveryQueue);
    await jobs.pause();
    const id = await world.define({ schedule: [0, 20, 20, 20] });
    await commitEvents(world.dataSource, 80);
    await world.settle(...many(80, 'pending'));
    await jobs.resume();
    await world.settle(...many(80, 'succeeded'));
    expect(told).toEqual([]);
    await waitFor('the last failure to be forgotten', async () => (await row(id)).failureCount === 0);
  });
});
