import type { EntityManager } from 'typeorm';
import { NOW, requireDialect } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';

/**
 * Locks the oldest events that wait to be dispatched, passing over those that another process has. They are the
 * caller's until its transaction ends.
 */
export function claimEvents(manager: EntityManager, limit: number): Promise<WebhookEvent[]> {
  const query = manager
    .createQueryBuilder(WebhookEvent, 'e')
    .where('e.dispatchedAt IS NULL')
    // By both columns of the index: PostgreSQL does not see that the first is the same in all of them, and would sort.
    .orderBy('e.dispatchedAt')
    .addOrderBy('e.sequence')
    .limit(limit);
  const oneWriter = requireDialect(manager.dataSource) === 'sqlite';
  return (oneWriter ? query : query.setLock('pessimistic_write').setOnLocked('skip_locked')).getMany();
}

/** Marks claimed events as dispatched, in the same transaction. */
export async function markDispatched(manager: EntityManager, ids: readonly string[]): Promise<void> {
  const sql = new Sql(manager.dataSource);
  await manager.query(
    `UPDATE ${sql.table(WebhookEvent)} SET ${sql.name('dispatched_at')} = ${NOW[sql.dialect]} WHERE ${sql.name('id')} ${sql.among(ids)}`,
    sql.parameters,
  );
}
