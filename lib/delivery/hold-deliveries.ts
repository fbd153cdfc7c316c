import type { DataSource, EntityManager } from 'typeorm';
import { NOW, SKIP_LOCKED, STATEMENT_NOW } from '../model/dialect.js';
import { inIndexOrder } from '../model/read-committed.js';
import { Sql } from '../model/sql.js';
import { OF_TESTS, WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { lockWebhooks } from './lock-webhooks.js';

/** Rows of one transaction. */
const BATCH = 500;

/**
 * Holds what is pending of a webhook, unless it is enabled by now. What is being sent, and rows that somebody else has
 * at this moment, are left to them: housekeeping holds what they leave pending.
 */
export async function holdDeliveries(dataSource: DataSource, webhookId: string): Promise<void> {
  let count: number;
  do count = await holdSome(dataSource, webhookId);
  while (count === BATCH);
}

/** As {@link holdDeliveries}, one batch. Gives how many there were. */
export function holdSome(dataSource: DataSource, webhookId: string): Promise<number> {
  return inIndexOrder(dataSource, async (manager) => {
    const disabled = await lockWebhooks(manager, [webhookId], false);
    if (disabled.size === 0) return 0;
    const select = new Sql(dataSource);
    const rows = await manager.query<{ id: string }[]>(
      `SELECT d.${select.name('id')} AS id FROM ${select.table(WebhookDelivery)} AS d
       WHERE d.${select.name('webhook_id')} = ${select.value(webhookId)} AND ${canBeHeld(select)}
       ORDER BY d.${select.name('id')} LIMIT ${BATCH} ${SKIP_LOCKED[select.dialect]}`,
      select.parameters,
    );
    if (rows.length === 0) return 0;
    const update = new Sql(dataSource);
    await manager.query(
      `UPDATE ${update.table(WebhookDelivery)} SET ${update.name('status')} = 'held', ${update.name('queue_at')} = NULL
       WHERE ${update.name('id')} ${update.among(rows.map(({ id }) => id))}`,
      update.parameters,
    );
    return rows.length;
  });
}

/** A condition for deliveries (alias `d`) of a disabled webhook. */
export function canBeHeld(sql: Sql): string {
  const now = STATEMENT_NOW[sql.dialect];
  const column = (name: string) => `d.${sql.name(name)}`;
  // Someone waits for the answer of a test, which is sent whatever the state of its webhook.
  return `${column('status')} = 'pending' AND (${column('locked_until')} IS NULL OR ${column('locked_until')} <= ${now})
    AND (${column('trigger')} NOT ${OF_TESTS} OR ${column('queue_at')} <= ${now})`;
}

/**
 * Makes what is held of an enabled webhook pending again, as far as it is not too old: all of it at once, or a later
 * delivery of an object could go before an earlier one.
 *
 * @param manager - in whose transaction the webhook is enabled, or locked as such
 * @param maxAge - milliseconds
 */
export async function releaseDeliveries(
  manager: EntityManager,
  webhookId: string,
  maxAge: number,
): Promise<void> {
  const sql = new Sql(manager.dataSource);
  const now = NOW[sql.dialect];
  const next = sql.name('next_attempt_at');
  // A retry that was scheduled keeps its time.
  const due = `CASE WHEN ${next} IS NULL OR ${next} < ${now} THEN ${now} ELSE ${next} END`;
  await manager.query(
    `UPDATE ${sql.table(WebhookDelivery)}
     SET ${sql.name('status')} = 'pending', ${sql.name('queue_at')} = ${due}, ${next} = ${due}
     WHERE ${sql.name('webhook_id')} = ${sql.value(webhookId)} AND ${sql.name('status')} = 'held'
       AND ${sql.name('created_at')} >= ${now} - ${maxAge}`,
    sql.parameters,
  );
}
