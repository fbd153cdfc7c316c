import type { EntityManager } from 'typeorm';
import { NOW } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery, type DeliveryStatus } from '../model/webhook-delivery.entity.js';
import { QUEUE_GRACE } from './queue-grace.js';

/** What a retry by hand makes sense for. */
export const RETRYABLE: readonly DeliveryStatus[] = ['failed', 'cancelled', 'skipped', 'pending'];

/**
 * Makes deliveries due now, whatever became of them. What was finished starts its schedule again; what is being sent
 * at this moment is left alone. Gives how many there were.
 *
 * @param queued - whether jobs are made for them right after
 */
export async function reopenDeliveries(
  manager: EntityManager,
  ids: readonly string[],
  queued = false,
): Promise<number> {
  const { dataSource } = manager;
  const sql = new Sql(dataSource);
  const now = NOW[sql.dialect];
  const where = `WHERE ${sql.name('locked_until')} IS NULL OR ${sql.name('locked_until')} <= ${now}`;
  const whenFinished = (column: string, value: string) =>
    `${sql.name(column)} = CASE WHEN ${sql.name('status')} = 'pending' THEN ${sql.name(column)} ELSE ${value} END`;
  const assignments = [
    // MySQL assigns from left to right: the old status is read before it is set.
    whenFinished('attempts', '0'),
    whenFinished('made_before', sql.name('made')),
    `${sql.name('status')} = 'pending'`,
    `${sql.name('next_trigger')} = 'manual'`,
    `${sql.name('next_attempt_at')} = ${now}`,
    `${sql.name('queue_at')} = ${now} + ${queued ? QUEUE_GRACE : 0}`,
    `${sql.name('finished_at')} = NULL`,
  ];
  const result: unknown = await manager.query(
    `UPDATE ${sql.table(WebhookDelivery)} SET ${assignments.join(', ')}
     ${where.replace('WHERE ', 'WHERE (')}) AND ${sql.name('id')} ${sql.among(ids)}`,
    sql.parameters,
  );
  return affectedRows(result, ids.length);
}

/** Each driver tells in its own way; `otherwise` when it does not. */
function affectedRows(result: unknown, otherwise: number): number {
  if (Array.isArray(result) && typeof result[1] === 'number') return result[1];
  if (typeof result === 'object' && result !== null && 'affectedRows' in result)
    return Number(result.affectedRows);
  return otherwise;
}
