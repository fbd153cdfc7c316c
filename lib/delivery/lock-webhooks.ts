import type { EntityManager } from 'typeorm';
import { SHARE_LOCK } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { Webhook } from '../model/webhook.entity.js';

/**
 * Those of these webhooks that are enabled, or that are disabled. They stay so until the caller's transaction ends:
 * who wants to change one waits for it.
 */
export async function lockWebhooks(
  manager: EntityManager,
  ids: readonly string[],
  enabled: boolean,
): Promise<ReadonlySet<string>> {
  const sql = new Sql(manager.dataSource);
  const rows = await manager.query<{ id: string }[]>(
    `SELECT ${sql.name('id')} AS id FROM ${sql.table(Webhook)}
     WHERE ${sql.name('id')} ${sql.among(ids)} AND ${sql.name('enabled')} = ${enabled}
     ORDER BY ${sql.name('id')} ${SHARE_LOCK[sql.dialect]}`,
    sql.parameters,
  );
  return new Set(rows.map(({ id }) => id));
}
