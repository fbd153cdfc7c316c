import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../lib/common/new-id.js';
import { claimDeliveries } from '../../../lib/delivery/claim-deliveries.js';
import { insertDeliveries } from '../../../lib/delivery/insert-deliveries.js';
import { takeDueDeliveries } from '../../../lib/delivery/take-due-deliveries.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { describeOn, betterSqlite3, mariadb, postgres, sqljs } from '../../support/databases.js';
import { openLibraryTables } from '../../support/library-tables.js';
import { commitEvents } from '../../support/outbox.js';
import { pendingDelivery } from '../../support/pending-delivery.js';
import { createWebhook } from '../../support/webhook-rows.js';

/** More than are kept in memory, and more than MySQL and MariaDB follow in one recursion. */
const COUNT = 1_100;
/** Deliveries of one claim. */
const GROUP = 100;

describeOn(
  [postgres, mariadb, sqljs, betterSqlite3],
  'more than a thousand webhooks on $name',
  (database) => {
    let dataSource: DataSource;
    let close: () => Promise<void>;
    let webhookIds: readonly string[];

    beforeAll(async () => {
      ({ dataSource, close } = await openLibraryTables(database));
      const first = await createWebhook(dataSource, { models: ['router'], url: 'http://receiver.test/' });
      const others = Array.from({ length: COUNT - 1 }, () => {
        const id = newId();
        return Object.assign(new Webhook(), first, { id, name: id });
      });
      for (let start = 0; start < others.length; start += GROUP)
        await dataSource.getRepository(Webhook).insert(others.slice(start, start + GROUP) as object[]);
      webhookIds = [first, ...others].map(({ id }) => id);
      await commitEvents(dataSource, 1);
    });
    afterAll(() => close());

    const insert = () =>
      dataSource.transaction((manager) =>
        insertDeliveries(
          manager,
          webhookIds.map((webhookId) => pendingDelivery({ webhookId })),
        ),
      );

    it('with something pending are found by the feeder, the newest too', async () => {
      await insert();
      const newest = webhookIds.slice(-20);
      const { deliveries } = await takeDueDeliveries(dataSource, GROUP * 2, webhookIds.slice(0, -20));
      expect(deliveries.map(({ webhookId }) => webhookId).toSorted()).toEqual(newest);
    });

    it('are known to every claim, whatever was claimed before', async () => {
      const [fresh, known] = [await insert(), await insert()];
      const cache = new Map<string, Webhook>();
      const half = GROUP / 2;
      for (let start = 0; start < COUNT; start += half) {
        // Webhooks that were just claimed beside others that were not.
        const group = [...fresh.slice(start, start + half), ...known.slice(Math.max(0, start - half), start)];
        const ids = group.map(({ id }) => id);
        const works = await claimDeliveries(dataSource, cache, ids, 1_000);
        const strangers = works.filter((work, index) => work?.webhook?.id !== group[index]?.webhookId);
        expect(strangers).toEqual([]);
      }
      expect(cache.size).toBeLessThanOrEqual(1_000);
    });
  },
);
