import type { EntityManager } from 'typeorm';
import { NOW } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { DELIVERY_STATUSES, WebhookDelivery, type DeliveryStatus } from '../model/webhook-delivery.entity.js';
import { QUEUE_GRACE } from './queue-grace.js';
import { statusByKey } from './status-by-key.js';

/** What a retry by hand makes sense for. */
export const RETRYABLE: readonly DeliveryStatus[] = ['failed', 'cancelled', 'skipped', 'pending'];

/** How deliveries are made due. */
export interface Reopening {
  /** Leaves those alone that have another status by now. @defaultValue every status */
  readonly statuses?: readonly DeliveryStatus[];
  /** Whether jobs are made for them right after. @defaultValue `false` */
  readonly queued?: boolean;
}

/**
 * Makes deliveries due now. What was finished starts its schedule again; what is being sent at this moment is left alone.
 * Gives how many there were.
 */
export async function reopenDeliveries(
  manager: EntityManager,
  ids: readonly string[],
  { statuses = DELIVERY_STATUSES, queued = false }: Reopening = {},
): Promise<number> {
  const { dataSource } = manager;
  const sql = new Sql(dataSource);
  const now = NOW[sql.dialect];
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
     WHERE ${sql.name('id')} ${sql.among(ids)} AND ${statusByKey(sql)} ${sql.among(statuses)}
       AND (${sql.name('locked_until')} IS NULL OR ${sql.name('locked_until')} <= ${now})`,
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
