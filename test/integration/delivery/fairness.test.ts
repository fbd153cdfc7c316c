import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres, mariadbAndRedis, postgresAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

const stores = [postgresAndRedis, allInPostgres, mariadbAndRedis];

describeOn(stores, 'webhooks side by side on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue, {
      delivery: { timeout: 20_000, health: { pause: 300, maxPause: 500 } },
    });
  });
  afterEach(() => world.close());

  it('one that hangs among twenty holds its own places only, and the others are done meanwhile', async () => {
    const events = 40;
    const hanging: ServerResponse[] = [];
    world.receiver.answer = (request, response) => {
      if (request.path === '/dead') hanging.push(response);
      else response.end();
    };
    const dead = await world.define({ url: `${world.receiver.url}dead`, timeout: 300_000 });
    for (let index = 0; index < 19; index++) await world.define({ url: `${world.receiver.url}${index}` });
    await commitEvents(world.dataSource, events);
    const all = await waitFor(
      'the others to be delivered',
      async () => {
        const deliveries = await world.all();
        const done = deliveries.filter(({ status }) => status === 'succeeded');
        return done.length === events * 19 && deliveries;
      },
      28_000,
    );
    await waitFor('it to hold its places', () => hanging.length === 10);
    const waiting = all.filter(({ status }) => status === 'pending');
    expect(waiting.map(({ webhookId }) => webhookId)).toEqual(waiting.map(() => dead));
    expect(waiting).toHaveLength(events);
    expect(hanging).toHaveLength(10);
    world.receiver.answer = (_, response) => response.end();
    for (const response of hanging) response.end();
  });

  it('six that hang, and came first, leave room for the others', async () => {
    const hanging: ServerResponse[] = [];
    world.receiver.answer = (request, response) => {
      if (request.path === '/dead') hanging.push(response);
      else response.end();
    };
    for (let index = 0; index < 6; index++) await world.define({ url: `${world.receiver.url}dead` });
    await commitEvents(world.dataSource, 80, { event: 'update' });
    await waitFor('them to hold what they can', () => hanging.length >= 45);
    for (let index = 0; index < 3; index++)
      await world.define({ url: `${world.receiver.url}${index}`, events: ['create'] });
    const before = world.receiver.requests.length - hanging.length;
    await commitEvents(world.dataSource, 20);
    await waitFor('the others to be delivered', async () => {
      const arrived = world.receiver.requests.length - hanging.length - before;
      return arrived === 60;
    });
    expect(hanging.length).toBeLessThan(50);
    world.receiver.answer = (_, response) => response.end();
    for (const response of hanging) response.end();
  });

  it('a rate limit holds over two workers, measured at the receiver', async () => {
    await world.startWorker();
    const [limit, period] = [10, 500];
    await world.define({ rateLimit: limit, ratePeriod: period });
    await commitEvents(world.dataSource, 40);
    const requests = await world.receiver.waitForRequests(40, 25_000);
    const times = requests.map(({ at }) => at).toSorted((a, b) => a - b);
    for (let index = limit; index < times.length; index++) {
      expect((times[index] ?? 0) - (times[index - limit] ?? 0)).toBeGreaterThanOrEqual(period);
    }
  });

  it('a thousand deliveries wait for a resting endpoint, survive a restart, and arrive in order when it heals', async () => {
    world.receiver.answer = (_, response) => {
      response.statusCode = 500;
      response.end();
    };
    const id = await world.define({
      ordered: true,
      schedule: [0, ...Array.from({ length: 60 }, () => 100)],
    });
    await commitEvents(world.dataSource, 1_000, (index) => ({
      objectId: String(index % 50),
      data: JSON.stringify({ object: index % 50, n: index }),
    }));
    await waitFor('the endpoint to rest', async () => {
      const webhook = await world.dataSource.getRepository(Webhook).findOneByOrFail({ id });
      return webhook.pausedUntil !== null && (await world.all()).length === 1_000;
    });
    await world.restart();
    const failed = world.receiver.requests.length;
    world.receiver.answer = (_, response) => response.end();
    await waitFor(
      'all of them to arrive',
      async () => (await world.all()).every(({ status }) => status === 'succeeded'),
      28_000,
    );
    const arrived = world.receiver.requests
      .slice(failed)
      .map(({ body }) => (JSON.parse(body) as { data: { object: number; n: number } }).data);
    for (let object = 0; object < 50; object++) {
      const order = arrived.filter((each) => each.object === object).map(({ n }) => n);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }
  });
});

describeOn([postgresAndRedis], 'more requests at a time than by default, on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    const limits = { concurrency: 80, concurrencyPerWebhook: 70 };
    world = await DeliveryWorld.start(database, queue, { delivery: limits });
  });
  afterEach(() => world.close());

  it('all go to one origin at once: none waits for a connection', async () => {
    const answers: ServerResponse[] = [];
    world.receiver.answer = (_, response) => void answers.push(response);
    await world.define();
    await commitEvents(world.dataSource, 70);
    await world.receiver.waitForRequests(70);
    expect(answers).toHaveLength(70);
    world.receiver.answer = (_, response) => response.end();
    for (const response of answers) response.end();
  });
});
