import type { EntityManager } from 'typeorm';
import type { WebhookEventName } from '../common/events.js';
import { NOW, SKIP_LOCKED } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';

/** What a waiting event tells without its texts, which few of those who dispatch it need. */
export type ClaimedEvent = Pick<WebhookEvent, 'id' | 'sequence' | 'model' | 'event' | 'objectId'>;

interface Row {
  id: string;
  sequence: string | number;
  model: string;
  event: WebhookEventName;
  object_id: string;
}

/**
 * Locks the oldest events that wait to be dispatched, passing over those that another process has. They are the
 * caller's until its transaction ends.
 */
export async function claimEvents(manager: EntityManager, limit: number): Promise<ClaimedEvent[]> {
  const sql = new Sql(manager.dataSource);
  const dispatched = sql.name('dispatched_at');
  // By both columns of the index: PostgreSQL does not see that the first is the same in all of them, and would sort.
  const rows = await manager.query<Row[]>(
    `SELECT ${sql.names(['id', 'sequence', 'model', 'event', 'object_id'])} FROM ${sql.table(WebhookEvent)}
     WHERE ${dispatched} IS NULL ORDER BY ${dispatched}, ${sql.name('sequence')} LIMIT ${limit} ${SKIP_LOCKED[sql.dialect]}`,
  );
  return rows.map(({ id, sequence, model, event, object_id }) => ({
    id,
    sequence: String(sequence),
    model,
    event,
    objectId: object_id,
  }));
}

/** Marks claimed events as dispatched, in the same transaction. */
export async function markDispatched(manager: EntityManager, ids: readonly string[]): Promise<void> {
  const sql = new Sql(manager.dataSource);
  await manager.query(
    `UPDATE ${sql.table(WebhookEvent)} SET ${sql.name('dispatched_at')} = ${NOW[sql.dialect]} WHERE ${sql.name('id')} ${sql.among(ids)}`,
    sql.parameters,
  );
}
