import { In, type DataSource, type EntityManager } from 'typeorm';
import { NOW, SKIP_LOCKED } from '../model/dialect.js';
import { inIndexOrder } from '../model/read-committed.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery, type DeliveryStatus } from '../model/webhook-delivery.entity.js';
import { statusByKey } from './status-by-key.js';

/** What has not ended. */
export const CANCELLABLE: readonly DeliveryStatus[] = ['pending', 'held'];

/** Rows of one transaction. */
const BATCH = 500;

/** Cancels what is pending or held of these deliveries. Gives how many there were. */
export async function cancelDeliveries(
  manager: EntityManager,
  ids: readonly string[],
  reason: string,
): Promise<number> {
  const sql = new Sql(manager.dataSource);
  const { affected } = await manager
    .createQueryBuilder()
    .update(WebhookDelivery)
    .set({
      status: 'cancelled',
      error: reason,
      nextAttemptAt: null,
      queueAt: null,
      lockedUntil: null,
      lockToken: null,
      finishedAt: () => NOW[sql.dialect],
    })
    .where({ id: In([...ids]) })
    .andWhere(`${statusByKey(sql)} IN (:...cancellable)`, { cancellable: CANCELLABLE })
    .execute();
  return affected ?? 0;
}

/** Cancels all that is pending or held of a webhook that is deleted. Gives how many there were. */
export async function cancelOfDeleted(dataSource: DataSource, webhookId: string): Promise<number> {
  let total = 0;
  for (const status of CANCELLABLE) {
    let count: number;
    do {
      count = await cancelSome(
        dataSource,
        'Its webhook was deleted.',
        status,
        (sql) => `d.${sql.name('webhook_id')} = ${sql.value(webhookId)}`,
      );
      total += count;
    } while (count === BATCH);
  }
  return total;
}

/**
 * Cancels some deliveries (alias `d`) that have this status, but for rows that somebody else has at this moment. Gives
 * how many there were.
 */
export function cancelSome(
  dataSource: DataSource,
  reason: string,
  status: DeliveryStatus,
  condition: (sql: Sql) => string,
): Promise<number> {
  return inIndexOrder(dataSource, async (manager) => {
    const sql = new Sql(dataSource);
    const rows = await manager.query<{ id: string }[]>(
      `SELECT d.${sql.name('id')} AS id FROM ${sql.table(WebhookDelivery)} AS d
       WHERE ${condition(sql)} AND d.${sql.name('status')} = ${sql.value(status)}
       ORDER BY d.${sql.name('id')} LIMIT ${BATCH} ${SKIP_LOCKED[sql.dialect]}`,
      sql.parameters,
    );
    if (rows.length > 0)
      await cancelDeliveries(
        manager,
        rows.map(({ id }) => id),
        reason,
      );
    return rows.length;
  });
}
