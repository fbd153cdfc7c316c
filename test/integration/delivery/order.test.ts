import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { insertDeliveries } from '../../../lib/delivery/insert-deliveries.js';
import { firstOfObject } from '../../../lib/delivery/first-of-object.js';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import { markDispatched } from '../../../lib/outbox/claim-events.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { openLibraryTables } from '../../support/library-tables.js';
import { commitEvents } from '../../support/outbox.js';
import { pendingDelivery } from '../../support/pending-delivery.js';
import { createWebhook } from '../../support/webhook-rows.js';

describeOn(
  [postgres, mariadb, sqljs, betterSqlite3],
  'order of the events of one object on $name',
  (database) => {
    let dataSource: DataSource;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ dataSource, close } = await openLibraryTables(database));
    });
    afterEach(() => close());

    it('waits for an earlier event that another relay has not dispatched yet', async () => {
      const webhook = await createWebhook(dataSource, {
        models: ['router'],
        url: 'http://x.example/',
        ordered: true,
      });
      await commitEvents(dataSource, 3, (index) => ({ objectId: index === 2 ? 'other' : 'same' }));
      const [earlier, ...later] = await dataSource
        .getRepository(WebhookEvent)
        .find({ order: { sequence: 'ASC' } });
      await markDispatched(
        dataSource.manager,
        later.map(({ id }) => id),
      );
      const made = await insertDeliveries(
        dataSource.manager,
        later.map(({ id, sequence, model, event, objectId }) =>
          pendingDelivery({ webhookId: webhook.id, eventId: id, sequence, model, event, objectId }),
        ),
        new Set([webhook.id]),
      );
      const ids = made.map(({ id }) => id);
      const first = () => firstOfObject(dataSource, ids);
      expect(await first()).toEqual([false, true]);
      await markDispatched(dataSource.manager, [earlier?.id ?? '']);
      expect(await first()).toEqual([true, true]);
    });
  },
);
