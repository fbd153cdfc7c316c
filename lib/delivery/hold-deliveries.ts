import type { EntityManager } from 'typeorm';
import { NOW } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { Webhook } from '../model/webhook.entity.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { withoutWaiting } from './without-waiting.js';

/**
 * Holds what is pending of a disabled webhook, but for what is being sent. Rows that somebody has at this moment are
 * left to them: a worker that takes one finds the webhook disabled, and holds what is pending itself.
 */
export async function holdDeliveries(manager: EntityManager, webhookId: string): Promise<void> {
  const sql = new Sql(manager.dataSource);
  const now = NOW[sql.dialect];
  const locked = sql.name('locked_until');
  const pending = `${sql.name('webhook_id')} = ${sql.value(webhookId)} AND ${sql.name('status')} = 'pending'
    AND (${locked} IS NULL OR ${locked} <= ${now})`;
  await manager.query(
    `UPDATE ${sql.table(WebhookDelivery)} AS d SET ${sql.name('status')} = 'held', ${sql.name('queue_at')} = NULL
     WHERE ${withoutWaiting(sql, pending)}`,
    sql.parameters,
  );
}

/**
 * Makes what is held of an enabled webhook pending again, as far as it is not too old.
 *
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

/**
 * Cancels what was held for longer than enabling its webhook would release, and what no webhook is left for.
 *
 * @param maxAge - milliseconds
 */
export async function cancelStranded(manager: EntityManager, maxAge: number): Promise<void> {
  const cancel = async (reason: string, where: (sql: Sql) => string): Promise<void> => {
    const sql = new Sql(manager.dataSource);
    const now = NOW[sql.dialect];
    await manager.query(
      `UPDATE ${sql.table(WebhookDelivery)} SET ${sql.name('status')} = 'cancelled', ${sql.name('error')} = ${sql.value(reason)},
         ${sql.name('queue_at')} = NULL, ${sql.name('next_attempt_at')} = NULL, ${sql.name('finished_at')} = ${now}
       WHERE ${where(sql)}`,
      sql.parameters,
    );
  };
  await cancel(
    'Its webhook was disabled for longer than delivery.heldMaxAge.',
    (sql) => `${sql.name('status')} = 'held' AND ${sql.name('created_at')} < ${NOW[sql.dialect]} - ${maxAge}`,
  );
  await cancel(
    'Its webhook was deleted.',
    (sql) => `${sql.name('status')} IN ('pending', 'held') AND ${ofNobody(sql)}`,
  );
}

function ofNobody(sql: Sql): string {
  return `${sql.name('webhook_id')} NOT IN (SELECT ${sql.name('id')} FROM ${sql.table(Webhook)})`;
}
