import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { holdDeliveries, releaseDeliveries } from '../../../lib/delivery/hold-deliveries.js';
import { insertDeliveries } from '../../../lib/delivery/insert-deliveries.js';
import { strandedDeliveries } from '../../../lib/delivery/stranded-deliveries.js';
import { readCommitted } from '../../../lib/model/read-committed.js';
import { WebhookDelivery } from '../../../lib/model/webhook-delivery.entity.js';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { RetentionJob } from '../../../lib/outbox/retention.job.js';
import { replayEvents } from '../../../lib/webhooks/replay-events.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { openLibraryTables } from '../../support/library-tables.js';
import { commitEvents } from '../../support/outbox.js';
import { pendingDelivery } from '../../support/pending-delivery.js';
import { createWebhook } from '../../support/webhook-rows.js';

const HOUR = 3_600_000;
const MAX_AGE = HOUR / 2;
/** More than one batch. */
const MANY = 600;

const soon = () => new Date(Date.now() + HOUR);
const old = () => new Date(Date.now() - HOUR);

describeOn([postgres, mariadb, sqljs, betterSqlite3], 'deliveries left behind on $name', (database) => {
  let dataSource: DataSource;
  let close: () => Promise<void>;
  let webhook: Webhook;

  beforeAll(async () => {
    ({ dataSource, close } = await openLibraryTables(database));
  });
  beforeEach(async () => {
    for (const entity of [WebhookDelivery, WebhookEvent, Webhook])
      await dataSource.getRepository(entity).clear();
    webhook = await createWebhook(dataSource, { models: ['router'], url: 'http://receiver.test/' });
  });
  afterAll(() => close());

  const enable = (enabled: boolean) =>
    readCommitted(dataSource, async (manager) => {
      await manager.update(Webhook, { id: webhook.id }, { enabled });
      if (enabled) await releaseDeliveries(manager, webhook.id, MAX_AGE);
    });
  const insert = (count: number, webhookId = webhook.id) =>
    dataSource.transaction((manager) =>
      insertDeliveries(
        manager,
        Array.from({ length: count }, () => pendingDelivery({ webhookId })),
      ),
    );
  const statuses = async () => {
    const found = await dataSource.getRepository(WebhookDelivery).find({ order: { id: 'ASC' } });
    return [...new Set(found.map(({ status }) => status))];
  };
  const tidy = () =>
    new RetentionJob(
      dataSource,
      { deliveries: false, events: false },
      strandedDeliveries(dataSource, MAX_AGE),
    ).run();

  it.each<[string, boolean, object, string]>([
    ['held of an enabled webhook are released', true, { status: 'held' }, 'pending'],
    ['held of a disabled webhook are left', false, { status: 'held' }, 'held'],
    ['held for too long are cancelled', false, { status: 'held', createdAt: old() }, 'cancelled'],
    ['pending of a disabled webhook are held', false, { status: 'pending' }, 'held'],
    ['being sent of a disabled webhook are left', false, { lockToken: 'a', lockedUntil: soon() }, 'pending'],
    ['tested of a disabled webhook are left', false, { trigger: 'test', queueAt: soon() }, 'pending'],
    ['pending of an enabled webhook are left', true, { createdAt: old() }, 'pending'],
    ['failed of a disabled webhook are left', false, { status: 'failed', createdAt: old() }, 'failed'],
  ])('%s', async (_, enabled, values, expected) => {
    await enable(enabled);
    await insert(MANY);
    await dataSource.getRepository(WebhookDelivery).updateAll(values);
    await tidy();
    expect(await statuses()).toEqual([expected]);
  });

  it('of webhooks that are deleted are cancelled, and those of others are not', async () => {
    await insert(MANY, 'deleted');
    await dataSource.getRepository(WebhookDelivery).update({ objectId: '1' }, { status: 'held' });
    await insert(2, 'deleted');
    const [own] = await insert(1);
    await tidy();
    const repository = dataSource.getRepository(WebhookDelivery);
    expect(await repository.countBy({ status: 'cancelled', error: 'Its webhook was deleted.' })).toBe(
      MANY + 2,
    );
    expect(await repository.findOneByOrFail({ id: own?.id ?? '' })).toMatchObject({ status: 'pending' });
  });

  it('are none where a webhook is enabled before a worker holds what it saw disabled', async () => {
    await insert(2);
    await holdDeliveries(dataSource, webhook.id);
    expect(await statuses()).toEqual(['pending']);
    await enable(false);
    await holdDeliveries(dataSource, webhook.id);
    expect(await statuses()).toEqual(['held']);
  });

  it('are none where a webhook is enabled during a replay', async () => {
    await commitEvents(dataSource, 2);
    await dataSource.getRepository(WebhookEvent).updateAll({ dispatchedAt: new Date() });
    const before = Object.assign(new Webhook(), webhook, { enabled: false });
    expect(await replayEvents(dataSource, {}, before, {})).toEqual({ count: 2 });
    expect(await statuses()).toEqual(['pending']);
    await enable(false);
    expect(await replayEvents(dataSource, {}, webhook, {})).toEqual({ count: 2 });
    expect(await statuses()).toEqual(['pending', 'held']);
  });
});

describeOn([postgres, mariadb], 'housekeeping on $name', (database) => {
  it('passes over rows that somebody else has, and waits for nobody', async () => {
    const { dataSource, close } = await openLibraryTables(database);
    const deliveries = dataSource.getRepository(WebhookDelivery);
    const [taken] = await insertDeliveries(
      dataSource.manager,
      Array.from({ length: 3 }, () => pendingDelivery({ webhookId: 'deleted' })),
    );
    await dataSource.transaction(async (manager) => {
      await manager.update(WebhookDelivery, { id: taken?.id ?? '' }, { made: 1 });
      for (const step of strandedDeliveries(dataSource, MAX_AGE)) await step();
      expect(await deliveries.countBy({ status: 'cancelled' })).toBe(2);
    });
    for (const step of strandedDeliveries(dataSource, MAX_AGE)) await step();
    expect(await deliveries.countBy({ status: 'cancelled' })).toBe(3);
    await close();
  });
});

describeOn([postgres, mariadb], 'enabling a webhook on $name', (database) => {
  it('waits for deliveries that are being held, and releases them', async () => {
    const { dataSource, close } = await openLibraryTables(database);
    const { id } = await createWebhook(dataSource, {
      models: ['router'],
      url: 'http://receiver.test/',
      enabled: false,
    });
    let enabling: Promise<void> = Promise.resolve();
    await readCommitted(dataSource, async (manager) => {
      await insertDeliveries(manager, [pendingDelivery({ webhookId: id, status: 'held' })]);
      enabling = readCommitted(dataSource, async (other) => {
        await other.update(Webhook, { id }, { enabled: true });
        await releaseDeliveries(other, id, HOUR);
      });
      // It would have ended by then.
      await Promise.race([enabling, new Promise((resolve) => setTimeout(resolve, 500))]);
    });
    await enabling;
    const [delivery] = await dataSource.getRepository(WebhookDelivery).find();
    expect(delivery).toMatchObject({ status: 'pending' });
    await close();
  });
});
