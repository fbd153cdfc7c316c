import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeliveryLanes } from '../../../lib/delivery/delivery-lanes.js';
import { DeliveryService } from '../../../lib/delivery/delivery.service.js';
import { HttpSender } from '../../../lib/http/http-sender.js';
import { WebhookAttempt } from '../../../lib/model/webhook-attempt.entity.js';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import { WebhooksHealthIndicator } from '../../../lib/observability/webhooks.health.js';
import { WebhooksStatistics } from '../../../lib/observability/webhooks-statistics.js';
import { RetentionJob } from '../../../lib/outbox/retention.job.js';
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

const HOUR = 3_600_000;
const stores = [allInPostgres, mariadbAndRedis, sqljsAndRedis, betterSqlite3AndRedis];

describeOn(stores, 'housekeeping on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue, { delivery: { shutdownTimeout: 300 } });
  });
  afterEach(() => world.close());

  const age = async (table: string, column: string) =>
    world.dataSource.query(`UPDATE ${table} SET ${column} = ${column} - ${2 * HOUR}`);

  it('deletes finished deliveries with their attempts, and events of which nothing waits', async () => {
    const job = new RetentionJob(world.dataSource, { deliveries: HOUR, events: HOUR });
    await world.define();
    await world.define({ schedule: [10 * HOUR] });
    await commitEvents(world.dataSource, 3);
    await world.settle('succeeded', 'succeeded', 'succeeded', 'pending', 'pending', 'pending');
    expect(await job.run()).toEqual({ deliveries: 0, events: 0 });
    await age('webhook_delivery', 'finished_at');
    await age('webhook_event', 'dispatched_at');
    expect(await job.run()).toEqual({ deliveries: 3, events: 0 });
    expect(await world.dataSource.getRepository(WebhookAttempt).count()).toBe(0);
    await world.deliveries.cancelMany({});
    expect(await job.run()).toEqual({ deliveries: 0, events: 3 });
    expect(await world.dataSource.getRepository(WebhookEvent).count()).toBe(0);
    const [kept] = await world.all();
    await expect(world.deliveries.retry(kept?.id ?? '')).rejects.toMatchObject({
      code: 'WEBHOOKS_DELIVERY_IMPOSSIBLE',
    });
  });

  it('deletes what is old although something else cannot be done', async () => {
    await world.define();
    await commitEvents(world.dataSource, 1);
    await world.settle('succeeded');
    await age('webhook_delivery', 'finished_at');
    const times = { deliveries: HOUR, events: HOUR };
    const job = new RetentionJob(world.dataSource, times, [() => Promise.reject(new Error('a deadlock'))]);
    expect(await job.run()).toEqual({ deliveries: 1, events: 0 });
  });

  it('a process that stops hands back what is on its way, without counting it', async () => {
    let answers = false;
    world.receiver.answer = (_, response) => {
      if (answers) response.end();
    };
    await world.define();
    await commitEvents(world.dataSource, 2);
    await world.receiver.waitForRequests(2);
    const began = performance.now();
    if (database.name === 'sqljs') return;
    answers = true;
    await world.restart();
    expect(performance.now() - began).toBeLessThan(10_000);
    const deliveries = await world.settle('succeeded', 'succeeded');
    expect(deliveries.map(({ attempts, made }) => [attempts, made])).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect((await world.attempts()).map(({ errorClass }) => errorClass ?? 'none').toSorted()).toEqual([
      'aborted',
      'aborted',
      'none',
      'none',
    ]);
  });

  it('a process that stops records nothing of what it did not send', async () => {
    world.receiver.answer = () => undefined;
    await world.define();
    await commitEvents(world.dataSource, 30);
    await world.receiver.waitForRequests(10);
    await waitFor('all to be locked', async () =>
      (await world.all()).every(({ lockToken }) => lockToken !== null),
    );
    const { application } = world;
    application.get(DeliveryService).stop();
    const stopping = application.get(DeliveryLanes).stop();
    const unlocked = await waitFor('the others to be handed back', async () => {
      const all = (await world.all()).filter(({ lockToken }) => lockToken === null);
      return all.length === 20 && all;
    });
    expect(unlocked.map(({ status, made }) => `${status} ${made}`)).toEqual(unlocked.map(() => 'pending 0'));
    await application.get(HttpSender).close();
    await stopping;
    expect(await world.attempts()).toHaveLength(10);
    expect(world.receiver.requests).toHaveLength(10);
  });

  it('tells what waits', async () => {
    const health = world.application.get(WebhooksHealthIndicator);
    const statistics = world.application.get(WebhooksStatistics);
    expect(await health.isHealthy('hooks')).toMatchObject({ hooks: { status: 'up', dueDeliveries: 0 } });
    await world.define({ schedule: [10 * HOUR] });
    await commitEvents(world.dataSource, 1);
    await world.settle('pending');
    await world.dataSource.query('UPDATE webhook_delivery SET next_attempt_at = 1');
    await waitFor('it to be counted', async () => (await statistics.read()).dueDeliveries === 1);
  });
});
