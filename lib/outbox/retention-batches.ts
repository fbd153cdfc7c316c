import type { DataSource, EntityManager, ObjectLiteral, ObjectType } from 'typeorm';
import { SKIP_LOCKED, STATEMENT_NOW } from '../model/dialect.js';
import { inIndexOrder } from '../model/read-committed.js';
import { Sql } from '../model/sql.js';
import { WebhookAttempt } from '../model/webhook-attempt.entity.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';

/** Rows of one transaction. */
const BATCH = 500;

/** Deletes some deliveries that ended longer ago, with their attempts. Gives how many; 0 when none is left. */
export function deleteOldDeliveries(dataSource: DataSource, maxAge: number): Promise<number> {
  return inIndexOrder(dataSource, async (manager) => {
    const sql = new Sql(dataSource);
    const finished = sql.name('finished_at');
    const ids = await select(
      manager,
      `SELECT ${sql.name('id')} AS id FROM ${sql.table(WebhookDelivery)}
       WHERE ${finished} < ${STATEMENT_NOW[sql.dialect]} - ${maxAge} ORDER BY ${finished} LIMIT ${BATCH} ${SKIP_LOCKED[sql.dialect]}`,
    );
    if (ids.length === 0) return 0;
    await remove(manager, WebhookAttempt, 'delivery_id', ids);
    await remove(manager, WebhookDelivery, 'id', ids);
    return ids.length;
  });
}

/** Deletes some events dispatched longer ago of which no delivery is pending or held. */
export function deleteOldEvents(dataSource: DataSource, maxAge: number): Promise<number> {
  return inIndexOrder(dataSource, async (manager) => {
    const sql = new Sql(dataSource);
    const dispatched = `e.${sql.name('dispatched_at')}`;
    const ids = await select(
      manager,
      `SELECT e.${sql.name('id')} AS id FROM ${sql.table(WebhookEvent)} AS e
       WHERE ${dispatched} < ${STATEMENT_NOW[sql.dialect]} - ${maxAge}
         AND NOT EXISTS (SELECT 1 FROM ${sql.table(WebhookDelivery)} AS d WHERE d.${sql.name('event_id')} = e.${sql.name('id')}
           AND d.${sql.name('status')} IN ('pending', 'held'))
       ORDER BY ${dispatched} LIMIT ${BATCH} ${SKIP_LOCKED[sql.dialect]}`,
    );
    if (ids.length === 0) return 0;
    await remove(manager, WebhookEvent, 'id', ids);
    return ids.length;
  });
}

async function select(manager: EntityManager, statement: string): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(statement);
  return rows.map(({ id }) => id);
}

async function remove(
  manager: EntityManager,
  entity: ObjectType<ObjectLiteral>,
  column: string,
  ids: readonly string[],
): Promise<void> {
  const sql = new Sql(manager.dataSource);
  await manager.query(
    `DELETE FROM ${sql.table(entity)} WHERE ${sql.name(column)} ${sql.among(ids)}`,
    sql.parameters,
  );
}
