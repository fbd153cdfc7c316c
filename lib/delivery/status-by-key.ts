import type { Sql } from '../model/sql.js';

/**
 * The status in a condition for deliveries that are found by their keys. As a plain column, PostgreSQL, whose
 * statistics are older than a backlog, may take what is pending for few and read all of that instead of the keys.
 */
export function statusByKey(sql: Sql, alias?: string): string {
  const status = sql.names(['status'], alias);
  return sql.dialect === 'postgres' ? `(${status} || '')` : status;
}
