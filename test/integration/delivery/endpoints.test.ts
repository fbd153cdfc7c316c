import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeliveryQueue } from '../../../lib/delivery/delivery.queue.js';
import { DeliveryService } from '../../../lib/delivery/delivery.service.js';
import type { EndpointNotice } from '../../../lib/delivery/webhooks-notices.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres, mariadbAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const stores = [allInPostgres, mariadbAndRedis];

describeOn(stores, 'the health of endpoints on $name', ({ database, queue }) => {
  let world: DeliveryWorld;
  let told: string[];

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue, {
      delivery: { health: { pauseAfter: 5, pause: HOUR, disableAfterFailures: 8, disableAfterTime: DAY } },
    });
    told = [];
    for (const name of ['paused', 'disabled', 'healed'] as const)
      world.notices.on(name, () => void told.push(name));
  });
  afterEach(() => world.close());

  const answer = (decide: (count: number) => number) => {
    world.receiver.answer = (_, response) => {
      response.statusCode = decide(world.receiver.requests.length);
      response.end();
    };
  };
  const row = async (id: string) => world.dataSource.getRepository(Webhook).findOneByOrFail({ id });
  const many = (count: number, status: string) => Array.from({ length: count }, () => status);

  it('failures with successes between them are not in a row, however much was taken ahead', async () => {
    answer((count) => (count % 6 === 0 ? 500 : 200));
    const jobs = world.application.get(DeliveryQueue);
    await jobs.pause();
    const id = await world.define({ schedule: [0, 20, 20, 20] });
    await commitEvents(world.dataSource, 80);
    await world.settle(...many(80, 'pending'));
    await jobs.resume();
    await world.settle(...many(80, 'succeeded'));
    expect(told).toEqual([]);
    await waitFor('the last failure to be forgotten', async () => (await row(id)).failureCount === 0);
  });

  it.each([
    [429, 'in seconds', (): string => '3600', 600_000, HOUR],
    [503, 'as a date', (): string => new Date(Date.now() + HOUR).toUTCString(), 600_000, HOUR],
    [503, 'of less than the schedule', (): string => '10', 600_000, 600_000],
    [500, 'that is not obeyed', (): string => '3600', 600_000, 600_000],
  ] as const)(
    'after %i a Retry-After %s says when it is tried again, or the schedule does',
    async (status, _, header, scheduled, expected) => {
      world.receiver.answer = (__, response) => {
        response.writeHead(status, { 'retry-after': header() }).end();
      };
      await world.define({ schedule: [0, scheduled] });
      await commitEvents(world.dataSource, 1);
      const [attempt] = await waitFor('the attempt', async () => {
        const attempts = await world.attempts();
        return attempts.length > 0 && attempts;
      });
      const [delivery] = await world.settle('pending');
      expect(delivery).toMatchObject({ attempts: 1, made: 1, statusCode: status });
      const wait = Number(delivery?.nextAttemptAt) - Number(attempt?.startedAt);
      // A date is whole seconds; the schedule has its jitter.
      expect(wait).toBeGreaterThanOrEqual(expected - 1_000);
      expect(wait).toBeLessThan(expected * 1.1 + 15_000);
    },
  );

  it('a retry goes when the time that Retry-After asked for is over', async () => {
    world.receiver.answer = (_, response) => {
      if (world.receiver.requests.length > 1) response.end();
      else response.writeHead(429, { 'retry-after': '1' }).end();
    };
    await world.define({ schedule: [0, 10] });
    await commitEvents(world.dataSource, 1);
    await world.settle('succeeded');
    const [first, second] = world.receiver.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it('enough failures over enough time disable it, with a reason, and hold what waits', async () => {
    answer(() => 500);
    const notices: EndpointNotice[] = [];
    world.notices.on('disabled', (notice) => void notices.push(notice));
    const id = await world.define({ schedule: [0, HOUR] });
    const failingFor = (hours: number) =>
      world.dataSource.query(
        `UPDATE webhook SET failure_count = 7, paused_until = NULL, failing_since = ${Date.now() - hours * HOUR}`,
      );
    await failingFor(23);
    await commitEvents(world.dataSource, 1);
    await waitFor('the rest', () => told.includes('paused'));
    // Eight failures, but not for a day.
    expect(await row(id)).toMatchObject({ enabled: true, failureCount: 8, disabledReason: null });
    await failingFor(25);
    await commitEvents(world.dataSource, 1);
    await world.settle('held', 'held');
    const reason =
      'Its endpoint failed 8 times in a row over 25 hours. Enable it when the receiver works again.';
    await waitFor('the notice', () => notices.length > 0);
    expect(notices).toEqual([{ webhookId: id, name: expect.any(String), failureCount: 8, reason }]);
    expect(await row(id)).toMatchObject({ enabled: false, disabledReason: reason, pausedUntil: null });
    await commitEvents(world.dataSource, 1);
    await world.settle('held', 'held', 'held');
    answer(() => 200);
    await world.webhooks.update(id, { enabled: true });
    await waitFor('what is due', async () =>
      (await world.all()).some(({ status }) => status === 'succeeded'),
    );
    expect(await row(id)).toMatchObject({ enabled: true, failureCount: 0, disabledReason: null });
  });

  it('one delivery probes at a time, over all workers', async () => {
    const workers = [world.application, await world.startWorker()];
    answer(() => 500);
    await world.define({ schedule: [0, HOUR, HOUR] });
    await commitEvents(world.dataSource, 12);
    await waitFor('the rest', async () => {
      const all = await world.all();
      const [webhook] = await world.dataSource.getRepository(Webhook).find();
      return (
        webhook?.pausedUntil !== null && all.length === 12 && all.every(({ lockToken }) => lockToken === null)
      );
    });
    const before = world.receiver.requests.length;
    const probes: ServerResponse[] = [];
    world.receiver.answer = (_, response) => void probes.push(response);
    await world.dataSource.query('UPDATE webhook_delivery SET next_attempt_at = 1, queue_at = 1');
    await world.dataSource.query('UPDATE webhook SET paused_until = 1');
    const ids = (await world.all()).map((delivery) => delivery.id);
    let ended = 0;
    const tries = workers.flatMap((worker) =>
      ids.map((delivery) =>
        worker
          .get(DeliveryService)
          .deliver(delivery)
          .then(() => (ended += 1)),
      ),
    );
    await world.receiver.waitForRequests(before + 1);
    // The probe may be one of those, or have come from the queue.
    await waitFor('all but the probe to be left', () => ended >= tries.length - 1);
    expect(probes).toHaveLength(1);
    world.receiver.answer = (_, response) => response.end();
    for (const response of probes) response.end();
    await Promise.all(tries);
    await world.settle(...many(12, 'succeeded'));
    expect((await world.attempts()).filter(({ trigger }) => trigger === 'probe')).toHaveLength(1);
  });
});
