import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { insertDeliveries } from '../../../lib/delivery/insert-deliveries.js';
import { takeDueDeliveries } from '../../../lib/delivery/take-due-deliveries.js';
import { WebhookDelivery } from '../../../lib/model/webhook-delivery.entity.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { openLibraryTables } from '../../support/library-tables.js';
import { pendingDelivery } from '../../support/pending-delivery.js';
import { createWebhook } from '../../support/webhook-rows.js';

describeOn([postgres, mariadb, sqljs], 'what is due on $name', (database) => {
  let dataSource: DataSource;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ dataSource, close } = await openLibraryTables(database));
  });
  beforeEach(async () => {
    await dataSource.getRepository(WebhookDelivery).deleteAll();
    await dataSource.getRepository(Webhook).deleteAll();
  });
  afterAll(() => close());

  /** Retries are older than what is new, and come behind it all the same. */
  const insert = async (values: Partial<Webhook>, retries: number, fresh: number) => {
    const { id } = await createWebhook(dataSource, {
      models: ['router'],
      url: 'http://receiver.test/',
      ...values,
    });
    const some = (count: number) => Array.from({ length: count }, () => pendingDelivery({ webhookId: id }));
    const old = await insertDeliveries(dataSource.manager, some(retries));
    await dataSource.query(`UPDATE webhook_delivery SET retry = true, queue_at = queue_at - 60000`);
    await insertDeliveries(dataSource.manager, some(fresh));
    return new Set(old.map((delivery) => delivery.id));
  };

  it.each([
    ['new ones go before retries, which have a part beside them', {}, 300, 300, [250, 63, true]],
    ['retries have that part as well when few are new', {}, 300, 5, [5, 63, true]],
    ['retries alone have all', {}, 300, 0, [0, 250, true]],
    ['what is less than that is all there is', {}, 20, 20, [20, 20, false]],
    ['both share the room under a rate', { rateLimit: 4 }, 20, 20, [3, 1, false]],
    ['new ones have all of it', { rateLimit: 4 }, 0, 20, [4, 0, false]],
    ['so have retries', { rateLimit: 4 }, 20, 0, [0, 4, false]],
    ['one probes when a rest is over', { pausedUntil: new Date(1) }, 20, 0, [0, 1, false]],
    ['nobody does before', { pausedUntil: new Date(Date.now() + 3_600_000) }, 20, 20, [0, 0, false]],
  ] as const)('%s', async (_, webhook, retries, fresh, [expectedNew, expectedRetries, expectedMore]) => {
    const old = await insert(webhook, retries, fresh);
    const { deliveries, more } = await takeDueDeliveries(dataSource, 500, []);
    const order = deliveries.map(({ id }) => old.has(id));
    expect(order).toEqual(order.toSorted((a, b) => Number(a) - Number(b)));
    const taken = order.filter(Boolean).length;
    expect([order.length - taken, taken, more]).toEqual([expectedNew, expectedRetries, expectedMore]);
  });
});
