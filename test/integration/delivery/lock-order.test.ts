import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimDeliveries } from '../../../lib/delivery/claim-deliveries.js';
import { fixBodies } from '../../../lib/delivery/fix-bodies.js';
import { giveBackDeliveries } from '../../../lib/delivery/give-back-deliveries.js';
import { holdDeliveries, releaseDeliveries } from '../../../lib/delivery/hold-deliveries.js';
import { insertDeliveries } from '../../../lib/delivery/insert-deliveries.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { describeOn, postgres } from '../../support/databases.js';
import { openLibraryTables } from '../../support/library-tables.js';
import { commitEvents } from '../../support/outbox.js';
import { pendingDelivery } from '../../support/pending-delivery.js';
import { createWebhook } from '../../support/webhook-rows.js';

const COUNT = 300;
const ROUNDS = 60;

describeOn([postgres], 'statements over many deliveries on $name', (database) => {
  let dataSource: DataSource;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ dataSource, close } = await openLibraryTables(database));
  });
  afterAll(() => close());

  it('of a webhook that is disabled and enabled never wait for each other in a circle', async () => {
    const { manager } = dataSource;
    const webhook = await createWebhook(dataSource, {
      models: ['router'],
      url: 'http://receiver.test/',
      bodyTemplate: 'a template',
    });
    await commitEvents(dataSource, 1);
    const ids = (
      await insertDeliveries(
        manager,
        Array.from({ length: COUNT }, () => pendingDelivery({ webhookId: webhook.id })),
      )
    ).map(({ id }) => id);
    const some = () => ids.filter(() => Math.random() < 0.3).toSorted(() => Math.random() - 0.5);
    const repeat = async (work: () => Promise<unknown>) => {
      for (let round = 0; round < ROUNDS; round++) await work();
    };
    const claimAndGiveBack = async () => {
      const works = await claimDeliveries(dataSource, new Map(), some(), 15_000);
      const claimed = works.flatMap((work) => work ?? []).toSorted(() => Math.random() - 0.5);
      if (claimed.length === 0) return;
      await fixBodies(
        dataSource,
        claimed.map(({ id, lock }) => ({ id, body: 'a body', lockToken: lock.token })),
      );
      await giveBackDeliveries(
        dataSource,
        claimed.map(({ id, lock }) => ({ id, delay: 0, lockToken: lock.token })),
      );
    };
    const enable = () =>
      dataSource.transaction(async (transaction) => {
        await transaction.update(Webhook, { id: webhook.id }, { enabled: true });
        await releaseDeliveries(transaction, webhook.id, 86_400_000);
      });
    await Promise.all([
      repeat(claimAndGiveBack),
      repeat(claimAndGiveBack),
      repeat(claimAndGiveBack),
      repeat(async () => {
        await manager.update(Webhook, { id: webhook.id }, { enabled: false });
        await holdDeliveries(dataSource, webhook.id);
      }),
      repeat(enable),
    ]);
    await enable();
    await expect(claimDeliveries(dataSource, new Map(), ids, 15_000)).resolves.not.toContain(null);
  });
});
