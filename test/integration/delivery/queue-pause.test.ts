import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeliveryLanes } from '../../../lib/delivery/delivery-lanes.js';
import { DeliveryQueue } from '../../../lib/delivery/delivery.queue.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres, mariadbAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

describeOn([allInPostgres, mariadbAndRedis], 'a queue that is paused on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue);
  });
  afterEach(() => world.close());

  it('stops what is sent in order as well, and goes on where it was', async () => {
    const answers: ServerResponse[] = [];
    world.receiver.answer = (_, response) => void answers.push(response);
    await world.define({ ordered: true });
    await commitEvents(world.dataSource, 10, { objectId: 'same' });
    await world.receiver.waitForRequests(1);
    const jobs = world.application.get(DeliveryQueue);
    await waitFor('the others to be found too early', async () => {
      const all = await world.all();
      return all.length === 10 && all.filter(({ lockToken }) => lockToken === null).length === 9;
    });
    await waitFor('all jobs to be begun', async () => (await jobs.waiting()) === 0);
    await jobs.pause();
    world.receiver.answer = (_, response) => response.end();
    for (const response of answers) response.end();
    const lanes = world.application.get(DeliveryLanes);
    const add = lanes.add.bind(lanes);
    let called = 0;
    lanes.add = (...job) => {
      called += 1;
      return add(...job);
    };
    await waitFor('the first to be done, and the next one to be in the queue', async () => {
      const [first] = await world.all();
      return first?.status === 'succeeded' && (await jobs.waiting()) > 0;
    });
    expect(world.receiver.requests).toHaveLength(1);
    expect(called).toBe(0);
    await jobs.resume();
    await world.settle(...Array.from({ length: 10 }, () => 'succeeded'));
    const ids = (await world.all()).map(({ id }) => id);
    expect(world.receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual(ids);
  });
});
