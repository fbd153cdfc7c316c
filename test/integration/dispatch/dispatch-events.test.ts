import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { dispatchEvents } from '../../../lib/dispatch/dispatch-events.js';
import { WebhookDelivery } from '../../../lib/model/webhook-delivery.entity.js';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { openLibraryTables } from '../../support/library-tables.js';
import { commitEvents } from '../../support/outbox.js';
import { createWebhook } from '../../support/webhook-rows.js';

describeOn([postgres, mariadb, sqljs, betterSqlite3], 'events are dispatched on $name', (database) => {
  let dataSource: DataSource;
  let close: () => Promise<void>;
  let webhooks: Webhook[];

  beforeAll(async () => {
    ({ dataSource, close } = await openLibraryTables(database));
    const values = { models: ['router'], url: 'http://receiver.test/' };
    webhooks = [await createWebhook(dataSource, values), await createWebhook(dataSource, values)];
  });
  beforeEach(async () => {
    for (const entity of [WebhookDelivery, WebhookEvent]) await dataSource.getRepository(entity).clear();
  });
  afterAll(() => close());

  const dispatch = (batchSize: number, withRoom: readonly Webhook[], listening = webhooks, firstDelay = 0) =>
    dispatchEvents(
      dataSource,
      batchSize,
      () => Promise.resolve(listening),
      () => ({ matched: true }),
      () => Promise.resolve(new Set(withRoom.map(({ id }) => id))),
      firstDelay,
    );

  it('straight into the queue for a webhook that has room, whatever the others have', async () => {
    const [busy, free] = webhooks as [Webhook, Webhook];
    await commitEvents(dataSource, 2);
    const { deliveries, waiting } = await dispatch(10, [free]);
    expect(deliveries.map(({ webhookId }) => webhookId)).toEqual([free.id, free.id]);
    expect(waiting).toBe(true);
    // What is in the queue is left alone for a while; what is not is the feeder's at once.
    for (const delivery of await dataSource.getRepository(WebhookDelivery).find()) {
      // Both are read from a clock that moves within the statement: a millisecond between them means nothing.
      const grace = (delivery.queueAt?.getTime() ?? 0) - (delivery.nextAttemptAt?.getTime() ?? 0);
      const isQueued = grace > 1_000;
      expect([delivery.webhookId, isQueued]).toEqual([delivery.webhookId, delivery.webhookId !== busy.id]);
    }
  });

  it('held for a webhook that is disabled, and sent by one that was enabled since it was read', async () => {
    const [enabled, disabled] = webhooks as [Webhook, Webhook];
    await dataSource.getRepository(Webhook).update({ id: disabled.id }, { enabled: false });
    await commitEvents(dataSource, 1);
    const seen = webhooks.map((webhook) => Object.assign(new Webhook(), webhook, { enabled: false }));
    const { deliveries } = await dispatchEvents(
      dataSource,
      10,
      () => Promise.resolve(seen),
      () => ({ matched: true }),
      (webhookIds) => Promise.resolve(new Set(webhookIds)),
      0,
    );
    expect(deliveries.map(({ webhookId }) => webhookId)).toEqual([enabled.id]);
    const made = await dataSource.getRepository(WebhookDelivery).find({ order: { id: 'ASC' } });
    expect(made.map(({ webhookId, status }) => [webhookId, status])).toEqual([
      [enabled.id, 'pending'],
      [disabled.id, 'held'],
    ]);
    await dataSource.getRepository(Webhook).update({ id: disabled.id }, { enabled: true });
  });

  it('with what conditions ask for, where there are conditions', async () => {
    const [picky, other] = webhooks as [Webhook, Webhook];
    const conditions = { attr: 'id', value: 7 };
    await commitEvents(dataSource, 2, (index) => ({ data: `{"id":${index}}`, changed: ['name'] }));
    const asked: [string, string, string[]][] = [];
    await dispatchEvents(
      dataSource,
      10,
      () => Promise.resolve([Object.assign(new Webhook(), picky, { conditions }), other]),
      ({ id }, { data, changed }) => {
        asked.push([id, data, changed]);
        return { matched: data === '{"id":1}', error: null };
      },
      () => Promise.resolve(new Set()),
      0,
    );
    expect(asked).toEqual([
      [picky.id, '{"id":0}', ['name']],
      [picky.id, '{"id":1}', ['name']],
    ]);
    const made = await dataSource.getRepository(WebhookDelivery).find({ order: { id: 'ASC' } });
    expect(made.map(({ webhookId }) => webhookId)).toEqual([other.id, picky.id, other.id]);
  });

  it('to be sent when the schedule says, the one of the module unless the webhook has its own', async () => {
    const [plain, own] = webhooks as [Webhook, Webhook];
    const hasty = Object.assign(new Webhook(), own, { schedule: [0, 10] });
    await commitEvents(dataSource, 1);
    const { deliveries } = await dispatch(10, webhooks, [plain, hasty], 60_000);
    expect(deliveries.map(({ webhookId }) => webhookId)).toEqual([hasty.id]);
    for (const { webhookId, nextAttemptAt, createdAt } of await dataSource
      .getRepository(WebhookDelivery)
      .find()) {
      const delay = Math.round(((nextAttemptAt?.getTime() ?? 0) - createdAt.getTime()) / 1_000);
      expect([webhookId, delay]).toEqual([webhookId, webhookId === plain.id ? 60 : 0]);
    }
  });

  it('without holding the loop or the events for as long as hostile conditions take', async () => {
    const [picky] = webhooks as [Webhook];
    const hostile = [Object.assign(new Webhook(), picky, { conditions: { attr: 'id', value: 7 } })];
    await commitEvents(dataSource, 80);
    let turns = 0;
    const others = setInterval(() => (turns += 1));
    const seen: number[] = [];
    const dispatchHostile = () =>
      dispatchEvents(
        dataSource,
        80,
        () => Promise.resolve(hostile),
        () => {
          seen.push(turns);
          workFor(10);
          return { matched: true };
        },
        () => Promise.resolve(new Set()),
        0,
      );
    const batches = [await dispatchHostile()];
    while (batches.at(-1)?.isLast === false) batches.push(await dispatchHostile());
    clearInterval(others);

    expect(new Set(seen).size).toBeGreaterThan(20);
    expect(batches.length).toBeGreaterThan(2);
    expect(batches.reduce((sum, { events }) => sum + events, 0)).toBe(80);
    const made = await dataSource.getRepository(WebhookDelivery).find();
    expect(new Set(made.map(({ eventId }) => eventId)).size).toBe(80);
    expect(made.length).toBe(80);
  });

  it('in batches of which one statement cannot insert all deliveries', async () => {
    await commitEvents(dataSource, 600);
    const { deliveries, waiting } = await dispatch(1_000, webhooks);
    expect([deliveries.length, waiting]).toEqual([1_200, false]);
    expect(await dataSource.getRepository(WebhookDelivery).count()).toBe(1_200);
  });
});

/** Keeps the process busy for so many milliseconds. */
function workFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
