import { expect, it } from 'vitest';
import { readHealth } from '../../../lib/admin/queries/read-health.js';
import { newId } from '../../../lib/common/new-id.js';
import { insertDeliveries, type NewDelivery } from '../../../lib/delivery/insert-deliveries.js';
import { describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { openLibraryTables } from '../../support/library-tables.js';

const COUNTED = 2_000;

describeOn([postgres, mariadb, sqljs], 'the last 24 hours of a webhook on $name', (database) => {
  it('are counted by status without tests, and of a busy webhook only the newest', async () => {
    const { dataSource, close } = await openLibraryTables(database);
    const webhookId = newId();
    const insert = (count: number, values: Partial<NewDelivery>) =>
      insertDeliveries(
        dataSource.manager,
        Array.from({ length: count }, () => ({
          webhookId,
          eventId: newId(),
          sequence: '1',
          model: 'router',
          event: 'create',
          objectId: '1',
          trigger: 'event',
          status: 'succeeded',
          error: null,
          delay: 0,
          ...values,
        })),
      );
    expect(await readHealth(dataSource, webhookId)).toMatchObject({
      succeeded: 0,
      rate: null,
      since: null,
      lastError: null,
    });

    await insert(9, {});
    await insert(2, { status: 'failed', error: 'an older one' });
    const [last] = await insert(1, { status: 'failed', error: 'the last one' });
    await insert(4, { status: 'held' });
    await insert(5, { trigger: 'test', status: 'failed', error: 'a test' });
    await insert(7, { webhookId: newId() });
    const health = await readHealth(dataSource, webhookId);
    expect(health).toMatchObject({
      succeeded: 9,
      failed: 3,
      rate: 0.75,
      since: null,
      lastError: { deliveryId: last?.id, error: 'the last one' },
    });
    const sum = (kind: 'succeeded' | 'failed' | 'other') =>
      health.hours.reduce((total, hour) => total + hour[kind], 0);
    expect([health.hours.length, sum('succeeded'), sum('failed'), sum('other')]).toEqual([24, 9, 3, 4]);

    for (let count = 0; count < COUNTED + 100; count += 300) await insert(300, {});
    const busy = await readHealth(dataSource, webhookId);
    expect(busy.since).toBeInstanceOf(Date);
    expect(busy).toMatchObject({ succeeded: COUNTED + 1, failed: 0, rate: 1 });
    await close();
  }, 60_000);
});
