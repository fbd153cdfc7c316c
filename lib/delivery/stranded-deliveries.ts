import type { DataSource } from 'typeorm';
import { firstIdAt } from '../common/id-time.js';
import { STATEMENT_NOW } from '../model/dialect.js';
import { readCommitted, readInIndexOrder } from '../model/read-committed.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { Webhook } from '../model/webhook.entity.js';
import { cancelOfDeleted, cancelSome } from './cancel-deliveries.js';
import { canBeHeld, holdSome, releaseDeliveries } from './hold-deliveries.js';
import { lockWebhooks } from './lock-webhooks.js';
import { readWebhookPages, webhookPage, type PagedWebhook } from './webhook-pages.js';

/** Milliseconds by which the clock of a process that makes deliveries may be ahead without effect. */
const CLOCK_MARGIN = 3_600_000;

/**
 * Housekeeping of what would wait for ever, because its webhook was enabled, disabled or deleted while a worker had it,
 * or because a process stopped halfway. Each step does some, and gives how many; it is done when there is none.
 *
 * @param heldMaxAge - milliseconds
 */
export function strandedDeliveries(
  dataSource: DataSource,
  heldMaxAge: number,
): readonly (() => Promise<number>)[] {
  return [
    () => releaseStranded(dataSource, heldMaxAge),
    () => holdStranded(dataSource),
    () => cancelTooOld(dataSource, heldMaxAge),
    () => cancelOrphans(dataSource),
  ];
}

/** Of an enabled webhook nothing is held. */
async function releaseStranded(dataSource: DataSource, maxAge: number): Promise<number> {
  const webhookIds = await webhooksWith(dataSource, true, (sql) => {
    return `d.${sql.name('status')} = 'held' AND d.${sql.name('created_at')} >= ${STATEMENT_NOW[sql.dialect]} - ${maxAge}`;
  });
  for (const id of webhookIds) {
    await readCommitted(dataSource, async (manager) => {
      const enabled = await lockWebhooks(manager, [id], true);
      if (enabled.size > 0) await releaseDeliveries(manager, id, maxAge);
    });
  }
  return webhookIds.length;
}

/** Of a disabled webhook nothing is pending, but for what is being sent. */
async function holdStranded(dataSource: DataSource): Promise<number> {
  let total = 0;
  for (const id of await webhooksWith(dataSource, false, canBeHeld)) total += await holdSome(dataSource, id);
  return total;
}

/** Enabling its webhook would not release it any more. */
function cancelTooOld(dataSource: DataSource, maxAge: number): Promise<number> {
  const reason = 'Its webhook was disabled for longer than delivery.heldMaxAge.';
  return cancelSome(dataSource, reason, 'held', (sql) => {
    // The time in the id is only to pass over the young ones, which are many.
    const bound = firstIdAt(new Date(Date.now() - maxAge + CLOCK_MARGIN));
    return `d.${sql.name('id')} < ${sql.value(bound)} AND d.${sql.name('created_at')} < ${STATEMENT_NOW[sql.dialect]} - ${maxAge}`;
  });
}

/** No webhook is left for it. */
async function cancelOrphans(dataSource: DataSource): Promise<number> {
  const webhooks = await readWebhookPages((after) => {
    const sql = new Sql(dataSource);
    const id = sql.name('id');
    const waiting = `SELECT d.${id} FROM ${sql.table(WebhookDelivery)} AS d
      WHERE d.${sql.name('webhook_id')} = page.id AND d.${sql.name('status')} IN ('pending', 'held') LIMIT 1`;
    return dataSource.query<(PagedWebhook & { orphan: string | null })[]>(
      `WITH RECURSIVE ${webhookPage(sql, after)}
       SELECT page.id AS id, page.nth AS nth, CASE WHEN w.${id} IS NULL THEN (${waiting}) END AS orphan
       FROM page LEFT JOIN ${sql.table(Webhook)} AS w ON w.${id} = page.id WHERE page.id IS NOT NULL`,
      sql.parameters,
    );
  });
  let total = 0;
  for (const { id, orphan } of webhooks) if (orphan !== null) total += await cancelOfDeleted(dataSource, id);
  return total;
}

/** The enabled or disabled webhooks of which there is such a delivery (alias `d`): one probe of an index for each. */
async function webhooksWith(
  dataSource: DataSource,
  enabled: boolean,
  condition: (sql: Sql) => string,
): Promise<string[]> {
  const sql = new Sql(dataSource);
  const id = sql.name('id');
  const rows = await readInIndexOrder(dataSource, (manager) =>
    manager.query<{ id: string }[]>(
      `SELECT w.${id} AS id FROM ${sql.table(Webhook)} AS w WHERE w.${sql.name('enabled')} = ${enabled}
       AND (SELECT d.${id} FROM ${sql.table(WebhookDelivery)} AS d
         WHERE d.${sql.name('webhook_id')} = w.${id} AND ${condition(sql)} ORDER BY d.${id} LIMIT 1) IS NOT NULL`,
      sql.parameters,
    ),
  );
  return rows.map((row) => row.id);
}
