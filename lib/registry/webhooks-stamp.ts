import type { EntityManager } from 'typeorm';
import { tableName } from '../model/table-name.js';
import { Webhook } from '../model/webhook.entity.js';

/** A prime: sums of what remains of times stay exact as numbers of JavaScript, for millions of webhooks. */
const MODULUS = 2_147_483_647;

/** Drivers give sums as texts or numbers, or `null` of no rows. */
interface Row {
  a: string | number;
  b: string | number | null;
  c: string | number | null;
  d: string | number | null;
  e: string | null;
}

/**
 * Reads what changes with every insert, update and delete of a definition: sums over all of them, so that no clock that
 * was set back hides one that replaced another.
 */
export async function readStamp(manager: EntityManager): Promise<string> {
  const { dataSource } = manager;
  const escape = (name: string) => dataSource.driver.escape(name);
  const remains = (name: string) => `SUM(${escape(name)} % ${MODULUS})`;
  const [row] = await manager.query<Row[]>(
    `SELECT COUNT(*) AS a, SUM(${escape('revision')}) AS b, ${remains('created_at')} AS c, ${remains('updated_at')} AS d,
     MAX(${escape('id')}) AS e FROM ${tableName(dataSource, Webhook)}`,
  );
  if (row === undefined) throw new TypeError('A SELECT of sums gave no row.');
  return JSON.stringify([Number(row.a), Number(row.b), Number(row.c), Number(row.d), row.e]);
}

/** The same of webhooks that were read, in the order of their ids. */
export function stampOf(webhooks: readonly Webhook[]): string {
  const sum = (value: (webhook: Webhook) => number) => webhooks.reduce((all, one) => all + value(one), 0);
  return JSON.stringify([
    webhooks.length,
    sum(({ revision }) => revision),
    sum(({ createdAt }) => createdAt.getTime() % MODULUS),
    sum(({ updatedAt }) => updatedAt.getTime() % MODULUS),
    webhooks.at(-1)?.id ?? null,
  ]);
}
