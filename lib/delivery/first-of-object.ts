import type { DataSource } from 'typeorm';
import { readInIndexOrder } from '../model/read-committed.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';

/**
 * Of which of these deliveries nothing of the same object goes before it: no delivery, and no event that may become
 * one. What is first stays first, since the database's sequence is given under the object's lock. An object whose key
 * was changed was another one until then: its create comes after all that the old key was told.
 */
export async function firstOfObject(
  dataSource: DataSource,
  ids: readonly string[],
): Promise<readonly boolean[]> {
  const sql = new Sql(dataSource);
  const nothingOf = (object: string) => {
    const earlier = (alias: string) =>
      `${alias}.${sql.name('model')} = d.${sql.name('model')} AND ${alias}.${sql.name('object_id')} = ${object}
       AND ${alias}.${sql.name('sequence')} < d.${sql.name('sequence')}`;
    // Not NOT EXISTS, for which PostgreSQL may read all that is pending.
    return `(SELECT 1 FROM ${sql.table(WebhookDelivery)} AS p
       WHERE p.${sql.name('webhook_id')} = d.${sql.name('webhook_id')} AND p.${sql.name('status')} = 'pending' AND ${earlier('p')}
       ORDER BY p.${sql.name('sequence')} LIMIT 1) IS NULL
     AND (SELECT 1 FROM ${sql.table(WebhookEvent)} AS u
       WHERE u.${sql.name('dispatched_at')} IS NULL AND ${earlier('u')}
       ORDER BY u.${sql.name('sequence')} LIMIT 1) IS NULL`;
  };
  const rows = await readInIndexOrder(dataSource, (manager) =>
    manager.query<{ id: string }[]>(
      `SELECT d.${sql.name('id')} AS id FROM ${sql.table(WebhookDelivery)} AS d
       LEFT JOIN ${sql.table(WebhookEvent)} AS e ON e.${sql.name('id')} = d.${sql.name('event_id')}
     WHERE d.${sql.name('id')} ${sql.among(ids)}
       AND ${nothingOf(`d.${sql.name('object_id')}`)} AND ${nothingOf(`e.${sql.name('counterpart_id')}`)}`,
      sql.parameters,
    ),
  );
  const first = new Set(rows.map(({ id }) => id));
  return ids.map((id) => first.has(id));
}
