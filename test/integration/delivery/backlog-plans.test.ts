import { DataSource, type QueryRunner } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cancelDeliveries } from '../../../lib/delivery/cancel-deliveries.js';
import { claimDeliveries } from '../../../lib/delivery/claim-deliveries.js';
import type { DeliveryWork } from '../../../lib/delivery/delivery-work.js';
import { firstOfObject } from '../../../lib/delivery/first-of-object.js';
import { giveBackDeliveries } from '../../../lib/delivery/give-back-deliveries.js';
import { insertDeliveries } from '../../../lib/delivery/insert-deliveries.js';
import { nextOfObject } from '../../../lib/delivery/next-of-object.js';
import { recheckDeliveries } from '../../../lib/delivery/recheck-deliveries.js';
import { reopenDeliveries } from '../../../lib/delivery/reopen-deliveries.js';
import { strandedDeliveries } from '../../../lib/delivery/stranded-deliveries.js';
import { takeDueDeliveries } from '../../../lib/delivery/take-due-deliveries.js';
import { dispatchEvents } from '../../../lib/dispatch/dispatch-events.js';
import { WebhookDelivery } from '../../../lib/model/webhook-delivery.entity.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { WEBHOOKS_MIGRATIONS } from '../../../lib/model/migrations/webhooks-migrations.js';
import { WEBHOOKS_ENTITIES } from '../../../lib/model/webhooks-entities.js';
import { deleteOldDeliveries, deleteOldEvents } from '../../../lib/outbox/retention-batches.js';
import { describeOn, postgres } from '../../support/databases.js';
import { commitEvents } from '../../support/outbox.js';
import { pendingDelivery } from '../../support/pending-delivery.js';
import { createWebhook } from '../../support/webhook-rows.js';

const BACKLOG = 2_000;

/** What is read must be what is asked for: a plan that sorts reads all that waits, for every batch of it. */
describeOn([postgres], 'a backlog on $name', (database) => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;
  let webhook: Webhook;
  let plans: string[] = [];

  beforeAll(async () => {
    const created = await database.create();
    drop = created.drop;
    dataSource = await new DataSource({
      ...created.options,
      // What the planner prefers hangs on statistics and luck; here it always prefers to read all and sort. One
      // connection, so that a test can change that.
      extra: { options: '-c random_page_cost=1000', max: 1 },
      entities: [...WEBHOOKS_ENTITIES],
      migrations: [...WEBHOOKS_MIGRATIONS],
    }).initialize();
    await dataSource.runMigrations();
    webhook = await createWebhook(dataSource, { models: ['router'], url: 'http://receiver.test/' });
    explain(dataSource, (plan) => plans.push(plan));
  });
  afterAll(async () => {
    await dataSource.destroy();
    await drop();
  });

  const dispatch = () =>
    dispatchEvents(
      dataSource,
      100,
      () => Promise.resolve([webhook]),
      () => ({ matched: true }),
      () => Promise.resolve(new Set()),
      0,
    );

  const insert = (count: number) =>
    dataSource.transaction((manager) =>
      insertDeliveries(
        manager,
        Array.from({ length: count }, (_, index) =>
          pendingDelivery({ webhookId: webhook.id, eventId: String(index), sequence: String(index) }),
        ),
      ),
    );

  const followingOf = async (id: string) => {
    const [work] = await claimDeliveries(dataSource, new Map(), [id], 1_000);
    const event = { model: 'router', counterpartId: 'another' };
    return nextOfObject(dataSource, { ...work, event } as DeliveryWork);
  };

  const tidy = async () => {
    for (const step of strandedDeliveries(dataSource, 86_400_000)) await expect(step()).resolves.toBe(0);
  };

  it('of events is dispatched in batches that read no more than the batch', async () => {
    await commitEvents(dataSource, BACKLOG);
    plans = [];
    await expect(dispatch()).resolves.toMatchObject({ events: 100 });
    expect(plans.join('\n')).toContain('IDX_webhook_event_pending');
    expect(plans.join('\n')).not.toContain('Sort');
  });

  it('of deliveries is taken in batches that read no more than the batch', async () => {
    await insert(BACKLOG);
    plans = [];
    const { deliveries } = await takeDueDeliveries(dataSource, 500, []);
    expect(deliveries.length).toBeGreaterThan(100);
    expect(plans.join('\n')).toContain('IDX_webhook_delivery_due');
    expect(plans.join('\n')).not.toContain('Sort');
  });

  it('of deliveries is taken without reading the table, also when statistics expect them all', async () => {
    await insert(BACKLOG);
    await dataSource.query('ANALYZE');
    plans = [];
    await dataSource.query('SET random_page_cost = 4');
    const { deliveries } = await takeDueDeliveries(dataSource, 500, []);
    await dataSource.query('RESET random_page_cost');
    expect(deliveries.length).toBeGreaterThan(100);
    expect(plans.join('\n')).not.toContain('Seq Scan on webhook_delivery');
  });

  it('of what is past its time is deleted in batches that read no more than the batch', async () => {
    await dataSource.query(`UPDATE webhook_event SET dispatched_at = 1`);
    await dataSource.query(`UPDATE webhook_delivery SET status = 'failed', finished_at = 1`);
    plans = [];
    await expect(deleteOldDeliveries(dataSource, 1)).resolves.toBe(500);
    await expect(deleteOldEvents(dataSource, 1)).resolves.toBe(500);
    expect(plans.join('\n')).not.toContain('Sort');
  });

  it.each<[string, (ids: readonly string[]) => Promise<unknown>]>([
    ['claimed', (ids) => claimDeliveries(dataSource, new Map(), ids, 1_000)],
    [
      'given back',
      (ids) =>
        giveBackDeliveries(
          dataSource,
          ids.map((id) => ({ id, delay: 0, lockToken: null })),
        ),
    ],
    ['looked at again', (ids) => recheckDeliveries(dataSource, ids.map(locked))],
    ['asked for their order', (ids) => firstOfObject(dataSource, ids)],
    ['told what follows', ([id = '']) => followingOf(id)],
    ['reopened', (ids) => reopenDeliveries(dataSource.manager, ids)],
    ['cancelled', (ids) => cancelDeliveries(dataSource.manager, ids, 'No need.')],
    ['left behind', tidy],
    [
      'held for too long',
      async () => {
        await dataSource.manager.update(Webhook, { id: webhook.id }, { enabled: false });
        await dataSource.query(`UPDATE webhook_delivery SET status = 'held' WHERE status = 'pending'`);
        plans = [];
        await tidy();
        await dataSource.manager.update(Webhook, { id: webhook.id }, { enabled: true });
      },
    ],
  ])('of deliveries is not read for those that are %s', async (_, run) => {
    const { manager } = dataSource;
    // Few, so that only a look at deliveries can come across many rows.
    await manager.query(`DELETE FROM webhook_event`);
    await manager.query(`UPDATE webhook_delivery SET status = 'failed'`);
    for (const statistics of ['VACUUM ANALYZE webhook_delivery', NO_STATISTICS]) {
      await manager.query(statistics);
      await insert(BACKLOG);
      const some = await manager.find(WebhookDelivery, {
        select: { id: true },
        where: { status: 'pending' },
        take: 20,
      });
      plans = [];
      await manager.query('SET random_page_cost = 1');
      await run(some.map(({ id }) => id));
      await manager.query('RESET random_page_cost');
      expect(plans).not.toEqual([]);
      expect(mostRows(plans.join('\n'))).toBeLessThan(BACKLOG / 4);
    }
  });
});

const locked = (id: string) => ({ id, lock: { token: 'a token', at: 0, taken: 0 } });

/** As before the first ANALYZE of a table. */
const NO_STATISTICS = `DELETE FROM pg_statistic WHERE starelid = 'webhook_delivery'::regclass;
  UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid = 'webhook_delivery'::regclass`;

/** The most rows that any step of the plans came across. */
function mostRows(plan: string): number {
  const passed = [...plan.matchAll(/actual .*?rows=([\d.]+) loops=(\d+)/g)].map(
    ([, rows, loops]) => Number(rows) * Number(loops),
  );
  const removed = [...plan.matchAll(/Rows Removed by .*?: (\d+)/g)].map(([, rows]) => Number(rows));
  return Math.max(...passed, ...removed);
}

/** Tells the plan of every statement about events or deliveries, as its own connection makes it. */
function explain(dataSource: DataSource, tell: (plan: string) => void): void {
  const create = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode): QueryRunner => {
    const runner = create(mode);
    const query = runner.query.bind(runner);
    runner.query = (async (sql: string, parameters?: unknown[], structured?: boolean) => {
      if (/^\s*(SELECT|WITH|UPDATE|DELETE).*webhook_/is.test(sql) && !sql.includes('pg_statistic')) {
        const rows = (await query(`EXPLAIN (ANALYZE, TIMING OFF) ${sql}`, parameters)) as unknown as {
          'QUERY PLAN': string;
        }[];
        tell(rows.map((row) => row['QUERY PLAN']).join('\n'));
      }
      return structured === true ? query(sql, parameters, true) : query(sql, parameters);
    }) as typeof runner.query;
    return runner;
  };
}
