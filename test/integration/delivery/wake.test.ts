import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeliveryQueue } from '../../../lib/delivery/delivery.queue.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { allInPostgres, postgresAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

describeOn([postgresAndRedis, allInPostgres], 'wake-ups on $name', ({ database, queue }) => {
  let world: DeliveryWorld;
  let jobs: DeliveryQueue;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue);
    jobs = world.application.get(DeliveryQueue);
  });
  afterEach(() => world.close());

  /** Asks a queue for what waits after each, so that no two of them are one signal of the process. */
  const wakeOneByOne = async (count: number) => {
    for (let index = 0; index < count; index++) {
      jobs.wake();
      await waitFor('a job', async () => (await jobs.waiting()) > 0);
    }
  };

  it('do not pile up while no worker takes them', async () => {
    let woken = 0;
    jobs.onWake(() => (woken += 1));
    await jobs.pause();
    await wakeOneByOne(30);
    expect(await jobs.waiting()).toBe(1);
    await jobs.resume();
    await waitFor('the relay to be woken', () => woken > 0);
    await waitFor('the queue to be empty', async () => (await jobs.waiting()) === 0);
    expect(woken).toBeLessThan(30);
  });

  it('that come while one is worked on wake once more', async () => {
    let woken = 0;
    jobs.onWake(() => {
      woken += 1;
      if (woken === 1) jobs.wake();
    });
    jobs.wake();
    await expect.poll(() => woken).toBe(2);
  });
});
