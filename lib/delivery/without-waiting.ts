import type { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';

/**
 * A condition for an UPDATE of deliveries (alias `d`) that leaves rows which somebody else has at this moment: whoever
 * waits for rows while others wait for theirs may be in a circle. MySQL cannot say it in one statement, SQLite need not.
 */
export function withoutWaiting(sql: Sql, condition: string): string {
  if (sql.dialect !== 'postgres') return condition;
  const free = `SELECT d."id" FROM ${sql.table(WebhookDelivery)} AS d WHERE ${condition} FOR UPDATE SKIP LOCKED`;
  // A list, not a join: for that PostgreSQL may read the whole table.
  return `d."id" = ANY (ARRAY(${free}))`;
}
