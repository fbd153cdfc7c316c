import type { DataSource } from 'typeorm';
import { NOW, SKIP_LOCKED } from '../model/dialect.js';
import { readCommitted } from '../model/read-committed.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';

/** Milliseconds for which the job about to be added stands for the delivery. */
const QUEUE_GRACE = 30_000;

/**
 * Takes pending deliveries that nothing stands for any more: their retry is due, or their job or their worker is
 * lost. The caller puts the ids it gets into the queue.
 */
export async function takeDueDeliveries(dataSource: DataSource, limit: number): Promise<string[]> {
  return readCommitted(dataSource, async (manager) => {
    const select = new Sql(dataSource);
    const now = NOW[select.dialect];
    const rows = await manager.query<{ id: string }[]>(
      `SELECT ${select.name('id')} FROM ${select.table(WebhookDelivery)}
       WHERE ${select.name('status')} = 'pending' AND ${select.name('queue_at')} <= ${now}
       ORDER BY ${select.name('queue_at')} LIMIT ${limit} ${SKIP_LOCKED[select.dialect]}`,
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return ids;
    const update = new Sql(dataSource);
    await manager.query(
      `UPDATE ${update.table(WebhookDelivery)} SET ${update.name('queue_at')} = ${now} + ${QUEUE_GRACE}
       WHERE ${update.name('id')} ${update.among(ids)}`,
      update.parameters,
    );
    return ids;
  });
}
