import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { insertDeliveries } from '../../../lib/delivery/insert-deliveries.js';
import { RateGate } from '../../../lib/delivery/rate-gate.js';
import { takeDueDeliveries } from '../../../lib/delivery/take-due-deliveries.js';
import { takeRateSlots } from '../../../lib/delivery/take-rate-slots.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { openLibraryTables } from '../../support/library-tables.js';
import { commitEvents } from '../../support/outbox.js';
import { pendingDelivery } from '../../support/pending-delivery.js';
import { allInPostgres, mariadbAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';
import { createWebhook } from '../../support/webhook-rows.js';

const DAY = 86_400_000;

describeOn([postgres, mariadb, sqljs], 'a rate limit on $name', (database) => {
  let dataSource: DataSource;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ dataSource, close } = await openLibraryTables(database));
  });
  afterAll(() => close());

  const limited = (rateLimit: number, ratePeriod: number, more: Partial<Webhook> = {}) =>
    createWebhook(dataSource, {
      models: ['router'],
      url: 'http://receiver.test/',
      rateLimit,
      ratePeriod,
      ...more,
    });
  const insert = (webhook: Webhook, count: number) =>
    insertDeliveries(
      dataSource.manager,
      Array.from({ length: count }, () => pendingDelivery({ webhookId: webhook.id })),
    );
  const next = async ({ id }: Webhook) =>
    Number((await dataSource.getRepository(Webhook).findOneByOrFail({ id })).rateNextAt);

  it('gives another time to a request whose place was long in coming, and keeps the place', async () => {
    const webhook = await limited(5, 500);
    let [entered, left] = [0, 0];
    const leave = await new RateGate(dataSource).pass(webhook, async () => {
      entered += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return () => void (left += 1);
    });
    expect(leave).toBeTypeOf('function');
    expect([entered, left]).toEqual([1, 0]);
  });

  it('gives a place back when the other time is too far ahead, and tells when to come again', async () => {
    const webhook = await limited(1, 10_000);
    let left = 0;
    const wait = await new RateGate(dataSource).pass(webhook, async () => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      return () => void (left += 1);
    });
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(1_000);
    expect(left).toBe(1);
  });

  it('asks the database once for all that have to wait', async () => {
    const webhook = await limited(1, DAY);
    const gate = new RateGate(dataSource);
    const enter = () => Promise.resolve(() => undefined);
    expect(await gate.pass(webhook, enter)).toBeTypeOf('function');
    expect(await gate.pass(webhook, enter)).toBeTypeOf('number');
    // As if the time came: who asks the database now would be given it.
    await dataSource.query('UPDATE webhook SET rate_next_at = 1');
    expect(await gate.pass(webhook, enter)).toBeTypeOf('number');
  });

  it('of a backlog no more is taken than there are times for', async () => {
    await dataSource.query('DELETE FROM webhook_delivery');
    const [slow, none, free] = [
      await limited(4, 1_000),
      await limited(1, DAY, { rateNextAt: new Date(Date.now() + DAY) }),
      await createWebhook(dataSource, { models: ['router'], url: 'http://receiver.test/' }),
    ];
    for (const webhook of [slow, none, free]) await insert(webhook, 20);
    const { deliveries, more } = await takeDueDeliveries(dataSource, 500, []);
    const taken = (webhook: Webhook) => deliveries.filter(({ webhookId }) => webhookId === webhook.id).length;
    expect([slow, none, free].map(taken)).toEqual([4, 0, 20]);
    expect(more).toBe(false);
    expect(await next(none)).toBeGreaterThan(Date.now());
  });

  it('is not silent for as long as the clock of the database was set back', async () => {
    await dataSource.query('DELETE FROM webhook_delivery');
    const limit = { rateLimit: 4, ratePeriod: 1_000 };
    const webhook = await limited(4, 1_000, { rateNextAt: new Date(Date.now() + DAY) });
    await insert(webhook, 20);
    const { deliveries } = await takeDueDeliveries(dataSource, 500, []);
    expect(deliveries).toHaveLength(1);
    const slots = await takeRateSlots(dataSource, webhook.id, limit, 1);
    expect(slots).toEqual({ waits: [], next: 1_275 });
    expect(await next(webhook)).toBeLessThan(Date.now() + 2_000);
  });
});

describeOn([allInPostgres, mariadbAndRedis], 'a rate limit that changes on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue);
  });
  afterEach(() => world.close());

  it('holds from the next request on, and one that stays the same goes on', async () => {
    const id = await world.define({ rateLimit: 1, ratePeriod: DAY });
    const next = async () =>
      Number((await world.dataSource.getRepository(Webhook).findOneByOrFail({ id })).rateNextAt);
    await commitEvents(world.dataSource, 3);
    await world.receiver.waitForRequests(1);
    const before = await next();
    expect(before).toBeGreaterThan(Date.now() + DAY / 2);
    await world.webhooks.update(id, { description: 'the same', rateLimit: 1, ratePeriod: DAY });
    expect(await next()).toBe(before);
    expect(world.receiver.requests).toHaveLength(1);
    await world.webhooks.update(id, { rateLimit: 100, ratePeriod: 1_000 });
    expect(await next()).toBeLessThan(Date.now() + 5_000);
    await waitFor('the others', () => world.receiver.requests.length === 3);
  });
});
