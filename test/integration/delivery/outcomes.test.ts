import { afterEach, beforeEach, expect, it } from 'vitest';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { PreviewService } from '../../../lib/webhooks/preview.service.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import {
  allInPostgres,
  mariadbAndRedis,
  sqljsAndRedis,
  betterSqlite3AndRedis,
} from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

const WRONG_FILTERS: readonly (readonly [filter: unknown, fault: string])[] = [
  [{ webhookId: undefined }, 'webhookId is undefined; leave it out'],
  [{ status: undefined }, 'status is undefined'],
  [{ modell: 'router' }, 'modell is unknown; there are ids, webhookId, model'],
  [{ webhookId: null }, 'webhookId must be a text'],
  [{ status: 'bogus' }, 'status must be'],
  [{ since: new Date('never') }, 'since must be a valid Date'],
  [{ until: '2026-01-01' }, 'until must be a valid Date'],
  [null, 'it must be an object'],
];

const stores = [allInPostgres, mariadbAndRedis, sqljsAndRedis, betterSqlite3AndRedis];

describeOn(stores, 'what becomes of deliveries on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue, {
      delivery: { health: { pauseAfter: 4, pause: 300, maxPause: 1_000, disableAfterFailures: 1_000 } },
    });
  });
  afterEach(() => world.close());

  const answerWith = (...statuses: number[]) => {
    world.receiver.answer = (_, response) => {
      response.statusCode = statuses.length > 1 ? (statuses.shift() ?? 200) : (statuses[0] ?? 200);
      response.end();
    };
  };
  const webhookRow = async (id: string) => world.dataSource.getRepository(Webhook).findOneByOrFail({ id });

  it('410 disables the webhook at once, holds what is left, and enabling it sends that', async () => {
    answerWith(410);
    const disabled: string[] = [];
    world.notices.on('disabled', ({ webhookId }) => void disabled.push(webhookId));
    const id = await world.define();
    await commitEvents(world.dataSource, 1);
    await world.settle('held');
    expect(await webhookRow(id)).toMatchObject({
      enabled: false,
      disabledReason: expect.stringContaining('410'),
    });
    await waitFor('the notice', () => disabled.includes(id));
    await commitEvents(world.dataSource, 1);
    await world.settle('held', 'held');
    answerWith(200);
    await world.webhooks.update(id, { enabled: true });
    await world.settle('succeeded', 'succeeded');
  });

  it('an endpoint rests after failures in a row, loses no attempts meanwhile, and heals', async () => {
    answerWith(500);
    const told: string[] = [];
    for (const name of ['paused', 'healed'] as const) world.notices.on(name, () => void told.push(name));
    const id = await world.define({ schedule: [0, ...Array.from({ length: 50 }, () => 50)] });
    const { revision } = await webhookRow(id);
    await commitEvents(world.dataSource, 5);
    await waitFor('the endpoint to rest', () => told.includes('paused'));
    answerWith(200);
    const deliveries = await world.settle(...Array.from({ length: 5 }, () => 'succeeded'));
    expect(told.at(-1)).toBe('healed');
    expect(deliveries.reduce((total, { attempts }) => total + attempts, 0)).toBeLessThan(30);
    expect((await world.attempts()).some(({ trigger }) => trigger === 'probe')).toBe(true);
    expect(await webhookRow(id)).toMatchObject({ failureCount: 0, pausedUntil: null, revision });
  });

  it('a retry by hand sends the same id and body, and starts the schedule again', async () => {
    answerWith(500);
    const exhausted: string[] = [];
    world.notices.on('exhausted', ({ deliveryId }) => void exhausted.push(deliveryId));
    await world.define({ schedule: [0, 10] });
    await commitEvents(world.dataSource, 1);
    const [failed] = await world.settle('failed');
    await waitFor('the notice', () => exhausted.length > 0);
    expect(exhausted).toEqual([failed?.id]);
    answerWith(500, 200);
    await world.deliveries.retry(failed?.id ?? '');
    await world.settle('succeeded');
    const ids = world.receiver.requests.map(
      ({ headers, body }) => `${String(headers['webhook-id'])} ${body}`,
    );
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(1);
    expect((await world.attempts()).map(({ number, trigger }) => `${number} ${trigger}`)).toEqual([
      '1 event',
      '2 schedule',
      '3 manual',
      '4 schedule',
    ]);
  });

  it('retries send the body of the first rendering to the address the webhook has now', async () => {
    answerWith(503);
    const id = await world.define({ schedule: [0, 300], bodyTemplate: 'first {{ data.id }}' });
    await commitEvents(world.dataSource, 1);
    await world.receiver.waitForRequests(1);
    await world.webhooks.update(id, {
      bodyTemplate: 'second {{ data.id }}',
      url: `${world.receiver.url}moved`,
    });
    answerWith(200);
    const [delivery] = await world.settle('succeeded');
    expect(world.receiver.requests.map(({ path, body }) => `${path} ${body}`)).toEqual([
      '/ first 1',
      '/moved first 1',
    ]);
    const { id: again } = await world.deliveries.resend(delivery?.id ?? '');
    await world.settle('succeeded', 'succeeded');
    expect(world.receiver.requests.at(-1)).toMatchObject({
      body: 'second 1',
      headers: { 'webhook-id': again },
    });
    expect(again).not.toBe(delivery?.id);
  });

  it('a template that fails ends the delivery visibly, and it can be retried after an edit', async () => {
    const id = await world.define({ bodyTemplate: '{{ data.name.first }}', strictTemplates: true });
    await commitEvents(world.dataSource, 1);
    const [failed] = await world.settle('failed');
    expect(failed?.error).toContain('name');
    expect(world.receiver.requests).toHaveLength(0);
    expect((await world.attempts())[0]).toMatchObject({ errorClass: 'template' });
    await world.webhooks.update(id, { bodyTemplate: 'fine' });
    expect(await world.deliveries.retryMany({ webhookId: id }, { dryRun: true })).toEqual({ count: 1 });
    expect(await world.deliveries.retryMany({ webhookId: id })).toEqual({ count: 1 });
    await world.settle('succeeded');
    expect(world.receiver.requests[0]?.body).toBe('fine');
    expect(await webhookRow(id)).toMatchObject({ failureCount: 0 });
  });

  it('replays what a new webhook missed, as its conditions say, and counts it before', async () => {
    await world.define();
    await commitEvents(world.dataSource, 6);
    await world.receiver.waitForRequests(6);
    const id = await world.define({
      url: `${world.receiver.url}new`,
      conditions: { attr: 'id', op: 'gt', value: 2 },
    });
    const filter = { model: 'router', since: new Date(Date.now() - 3_600_000) };
    expect(await world.deliveries.replay(filter, id, { dryRun: true })).toEqual({ count: 4 });
    const part = await world.deliveries.replay(filter, id, { dryRun: true, limit: 4 });
    expect(part).toEqual({ count: 2, next: expect.any(String) });
    const rest = { dryRun: true, limit: 2, after: part.next ?? '' };
    expect(await world.deliveries.replay(filter, id, rest)).toEqual({ count: 2 });
    expect(world.receiver.requests).toHaveLength(6);
    expect(await world.deliveries.replay(filter, id)).toEqual({ count: 4 });
    await world.settle(...Array.from({ length: 10 }, () => 'succeeded'));
    expect(world.receiver.requests.filter(({ path }) => path === '/new')).toHaveLength(4);
  });

  it('a test send and a ping go at once, also when the webhook is disabled, and are not replayed', async () => {
    const id = await world.define({ enabled: false, bodyTemplate: 'test {{ data.id }}' });
    const test = await world.deliveries.sendTest(id, { data: { id: 7 } });
    const ping = await world.deliveries.ping(id);
    expect([test, ping]).toMatchObject([
      { trigger: 'test', statusCode: 200 },
      { trigger: 'ping', statusCode: 200 },
    ]);
    expect(world.receiver.requests.map(({ body }) => body)).toEqual([
      'test 7',
      expect.stringContaining('"event":"ping"'),
    ]);
    expect(await world.deliveries.replay({}, id, { dryRun: true })).toEqual({ count: 0 });
    answerWith(500);
    await world.deliveries.sendTest(id);
    expect((await world.all()).at(-1)).toMatchObject({ status: 'failed' });
    expect(await webhookRow(id)).toMatchObject({ failureCount: 0 });
    await world.webhooks.update(id, { enabled: true });
    expect(await world.deliveries.retryMany({ webhookId: id })).toEqual({ count: 0 });
  });

  it('a test send and a preview are of the latest change, whatever was tested since', async () => {
    const id = await world.define({ bodyTemplate: 'test {{ data.id }}' });
    await commitEvents(world.dataSource, 3);
    await world.settle('succeeded', 'succeeded', 'succeeded');
    await world.deliveries.ping(id);
    await world.deliveries.sendTest(id, { data: { id: 7 } });
    await world.deliveries.sendTest(id);
    expect(world.receiver.requests.at(-1)?.body).toBe('test 3');
    const preview = world.application.get(PreviewService, { strict: false });
    expect(await preview.preview({ id })).toMatchObject({ request: { body: 'test 3' } });
  });

  it('cancels what waits, and deleting a webhook cancels with a count', async () => {
    const id = await world.define({ schedule: [3_600_000] });
    await commitEvents(world.dataSource, 3);
    const [first] = await world.settle('pending', 'pending', 'pending');
    expect(await world.deliveries.cancel(first?.id ?? '')).toEqual({ count: 1 });
    expect(await world.deliveries.cancelMany({ objectId: '2' })).toEqual({ count: 1 });
    expect(await world.webhooks.delete(id)).toEqual({ cancelled: 1 });
    await world.settle('cancelled', 'cancelled', 'cancelled');
  });

  it('a filter that is not what was meant is refused, and empty lists select nothing', async () => {
    const id = await world.define();
    await commitEvents(world.dataSource, 1);
    await world.settle('succeeded');
    for (const [wrong, fault] of WRONG_FILTERS) {
      const refused = { code: 'WEBHOOKS_FILTER_INVALID', faults: [expect.stringContaining(fault)] };
      await expect(world.deliveries.retryMany(wrong as object)).rejects.toMatchObject(refused);
      await expect(world.deliveries.cancelMany(wrong as object)).rejects.toMatchObject(refused);
      await expect(world.deliveries.replay(wrong as object, id)).rejects.toMatchObject(refused);
    }
    for (const none of [{ ids: [] }, { status: [] }]) {
      expect(await world.deliveries.retryMany(none)).toEqual({ count: 0 });
      expect(await world.deliveries.cancelMany(none)).toEqual({ count: 0 });
      expect(await world.deliveries.replay(none, id)).toEqual({ count: 0 });
    }
    expect(await world.all()).toHaveLength(1);
  });

  it('events of one object wait for the earlier one; others do not', async () => {
    answerWith(500, 500, 200);
    await world.define({ ordered: true, schedule: [0, 200, 200, 200], events: ['update'] });
    await commitEvents(world.dataSource, 4, (index) => ({
      event: 'update',
      objectId: index === 3 ? 'other' : 'same',
      data: JSON.stringify({ n: index }),
    }));
    await world.settle(...Array.from({ length: 4 }, () => 'succeeded'));
    const order = world.receiver.requests.map(
      ({ body }) => (JSON.parse(body) as { data: { n: number } }).data.n,
    );
    expect(order.filter((n) => n !== 3).at(-1)).toBe(2);
    expect(order.filter((n) => n !== 3)).toEqual(order.filter((n) => n !== 3).toSorted((a, b) => a - b));
  });
});
