import type { Sql } from '../model/sql.js';

/**
 * A condition for deliveries that are found by their keys: that they are pending. PostgreSQL, whose statistics are
 * older than a backlog, would take what is pending for few, and read all of that instead of the keys.
 */
export function isPending(sql: Sql, alias: string): string {
  const status = `${alias}.${sql.name('status')}`;
  return `${sql.dialect === 'postgres' ? `(${status} || '')` : status} = 'pending'`;
}
