import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { strandedDeliveries } from '../../../lib/delivery/stranded-deliveries.js';
import { RetentionJob } from '../../../lib/outbox/retention.job.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres, betterSqlite3AndRedis, mariadbAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

const HOUR = 3_600_000;
const MAX_AGE = HOUR / 2;
const stores = [allInPostgres, mariadbAndRedis, betterSqlite3AndRedis];

describeOn(stores, 'a webhook that is disabled on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue, { delivery: { heldMaxAge: MAX_AGE } });
  });
  afterEach(() => world.close());

  const enable = (id: string, enabled: boolean) => world.webhooks.update(id, { enabled });
  const tidy = () =>
    new RetentionJob(
      world.dataSource,
      { deliveries: false, events: false },
      strandedDeliveries(world.dataSource, MAX_AGE),
    ).run();

  it('and enabled while its events are dispatched gets all of them', async () => {
    const id = await world.define();
    for (let round = 1; round <= 10; round++) {
      await enable(id, false);
      await Promise.all([commitEvents(world.dataSource, 3), enable(id, true)]);
      await world.settle(...Array.from({ length: round * 3 }, () => 'succeeded'));
    }
    expect(world.receiver.requests).toHaveLength(30);
  });

  it('while an attempt is made keeps its retry until it is enabled', async () => {
    const open: ServerResponse[] = [];
    world.receiver.answer = (_, response) => void open.push(response);
    const id = await world.define({ schedule: [0, 10] });
    await commitEvents(world.dataSource, 1);
    await waitFor('the request', () => open.length === 1);
    await enable(id, false);
    await world.settle('pending');
    open[0]?.writeHead(500).end();
    await waitFor('the attempt', async () => (await world.attempts()).length === 1);
    await tidy();
    await world.settle('held');
    world.receiver.answer = (_, response) => response.end();
    await enable(id, true);
    const [delivery] = await world.settle('succeeded');
    expect(delivery).toMatchObject({ attempts: 2 });
  });

  it('gets what is younger than heldMaxAge when it is enabled; the rest is cancelled', async () => {
    const id = await world.define({ enabled: false });
    await commitEvents(world.dataSource, 3);
    const [first] = await world.settle('held', 'held', 'held');
    await world.dataSource.query(
      `UPDATE webhook_delivery SET created_at = created_at - ${HOUR} WHERE id = '${first?.id}'`,
    );
    await enable(id, true);
    await world.settle('held', 'succeeded', 'succeeded');
    await tidy();
    const [cancelled] = await world.settle('cancelled', 'succeeded', 'succeeded');
    expect(cancelled).toMatchObject({
      id: first?.id,
      error: 'Its webhook was disabled for longer than delivery.heldMaxAge.',
    });
  });

  it('holds what is replayed to it, and what it holds can be replayed to another', async () => {
    const id = await world.define({ enabled: false });
    await commitEvents(world.dataSource, 2);
    await world.settle('held', 'held');
    const other = await world.define();
    const held = { webhookId: id, status: 'held' } as const;
    expect(await world.deliveries.replay(held, other, { dryRun: true })).toEqual({ count: 2 });
    expect(await world.deliveries.replay(held, other)).toEqual({ count: 2 });
    await world.settle('held', 'held', 'succeeded', 'succeeded');
    expect(await world.deliveries.replay(held, id)).toEqual({ count: 2 });
    await world.settle('held', 'held', 'held', 'held', 'succeeded', 'succeeded');
    await enable(id, true);
    const all = await world.settle(...Array.from({ length: 6 }, () => 'succeeded'));
    expect(all.filter(({ webhookId, trigger }) => webhookId === id && trigger === 'replay')).toHaveLength(2);
  });
});
