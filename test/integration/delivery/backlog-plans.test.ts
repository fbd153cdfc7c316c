import { DataSource, type QueryRunner } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertDeliveries } from '../../../lib/delivery/insert-deliveries.js';
import { takeDueDeliveries } from '../../../lib/delivery/take-due-deliveries.js';
import { dispatchEvents } from '../../../lib/dispatch/dispatch-events.js';
import type { Webhook } from '../../../lib/model/webhook.entity.js';
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
  let plans: string[];

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
});

/** Tells the plan of every statement that asks for rows in an order, as its own connection makes it. */
function explain(dataSource: DataSource, tell: (plan: string) => void): void {
  const create = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode): QueryRunner => {
    const runner = create(mode);
    const query = runner.query.bind(runner);
    runner.query = (async (sql: string, parameters?: unknown[], structured?: boolean) => {
      if (sql.includes('ORDER BY')) {
        const rows = (await query(`EXPLAIN ${sql}`, parameters)) as unknown as { 'QUERY PLAN': string }[];
        tell(rows.map((row) => row['QUERY PLAN']).join('\n'));
      }
      return structured === true ? query(sql, parameters, true) : query(sql, parameters);
    }) as typeof runner.query;
    return runner;
  };
}
