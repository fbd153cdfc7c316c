import { expect, it } from 'vitest';
import { listEvents } from '../../../lib/admin/queries/list-events.js';
import { listDeliveries } from '../../../lib/admin/queries/list-deliveries.js';
import { chunks } from '../../../lib/common/chunks.js';
import { newId } from '../../../lib/common/new-id.js';
import { insertDeliveries } from '../../../lib/delivery/insert-deliveries.js';
import { claimEvents, markDispatched } from '../../../lib/outbox/claim-events.js';
import { describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { openLibraryTables } from '../../support/library-tables.js';
import { commitEvents } from '../../support/outbox.js';

describeOn([postgres, mariadb, sqljs], 'events on $name', (database) => {
  it('are found by object and by request, whether they wait or were dispatched', async () => {
    const { dataSource, close } = await openLibraryTables(database);
    const write = (objectId: string, requestId: string) =>
      commitEvents(dataSource, 1, { event: 'update', objectId, requestId });
    await write('1', 'first');
    await write('2', 'first');
    await write('1', 'second');
    const claimed = await claimEvents(dataSource.manager, 3);
    await markDispatched(
      dataSource.manager,
      claimed.map(({ id }) => id),
    );
    await write('1', 'second');
    await write('2', 'third');

    const all = await listEvents(dataSource, {}, { limit: 10 });
    const ids = all.items.map(({ id }) => id);
    expect(all.items.map(({ dispatchedAt }) => dispatchedAt !== null)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    const listed = async (filter: Parameters<typeof listEvents>[1], limit = 10, cursor?: string) => {
      const page = await listEvents(dataSource, filter, {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      return page.items.map(({ id }) => ids.indexOf(id));
    };
    expect(await listed({ model: 'router', objectId: '1' })).toEqual([1, 2, 4]);
    expect(await listed({ model: 'router', objectId: '1' }, 2)).toEqual([1, 2]);
    expect(await listed({ model: 'router', objectId: '1' }, 2, ids[2])).toEqual([4]);
    expect(await listed({ model: 'router', objectId: '1', event: 'create' })).toEqual([]);
    expect(await listed({ objectId: '2' })).toEqual([0, 3]);
    expect(await listed({ requestId: 'second' })).toEqual([1, 2]);
    expect(await listed({ requestId: 'first', model: 'router', objectId: '2' })).toEqual([3]);
    expect(await listed({ requestId: 'third' })).toEqual([0]);

    const [event] = claimed;
    const [delivery] = await insertDeliveries(dataSource.manager, [
      {
        webhookId: newId(),
        eventId: event?.id ?? '',
        sequence: event?.sequence ?? '',
        model: 'router',
        event: 'update',
        objectId: '1',
        trigger: 'event',
        status: 'succeeded',
        error: null,
        delay: 0,
      },
    ]);
    for (const filter of [{ requestId: 'first' }, { model: 'router', objectId: '1' }]) {
      const { items } = await listDeliveries(dataSource, filter, { limit: 10 });
      expect(items.map(({ id }) => id)).toEqual([delivery?.id]);
    }
    await close();
  });

  it('of one request are listed with all their deliveries, however many', async () => {
    const { dataSource, close } = await openLibraryTables(database);
    const count = 2_100;
    await commitEvents(dataSource, count, { requestId: 'import' });
    const claimed = await claimEvents(dataSource.manager, count);
    for (const part of chunks(claimed, 500)) {
      await markDispatched(
        dataSource.manager,
        part.map(({ id }) => id),
      );
      const made = part.map(({ id, sequence, model, event, objectId }) => ({
        webhookId: newId(),
        eventId: id,
        sequence,
        model,
        event,
        objectId,
        trigger: 'event' as const,
        status: 'succeeded' as const,
        error: null,
        delay: 0,
      }));
      await insertDeliveries(dataSource.manager, made);
    }
    let listed = 0;
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = { limit: 200, ...(cursor === '' ? {} : { cursor }) };
      const { items, next } = await listDeliveries(dataSource, { requestId: 'import' }, page);
      listed += items.length;
      cursor = next;
    }
    expect(listed).toBe(count);
    await close();
  });

  it('that were made for a test send or a ping are marked', async () => {
    const { dataSource, close } = await openLibraryTables(database);
    await commitEvents(dataSource, 4, { event: 'update' });
    const listed = async () => {
      const { items } = await listEvents(dataSource, {}, { limit: 10 });
      return items.map(({ id, sequence, test }) => ({ id, sequence, test }));
    };
    const before = await listed();
    expect(before.map(({ test }) => test)).toEqual([false, false, false, false]);
    const triggers = ['test', 'ping', 'event', 'replay'] as const;
    await insertDeliveries(
      dataSource.manager,
      before.map(({ id, sequence }, index) => ({
        webhookId: newId(),
        eventId: id,
        sequence,
        model: 'router',
        event: 'update',
        objectId: '1',
        trigger: triggers[index] ?? 'event',
        status: 'succeeded',
        error: null,
        delay: 0,
      })),
    );
    expect((await listed()).map(({ test }) => test)).toEqual([true, true, false, false]);
    await close();
  });
});
