import type { EntityMetadata } from 'typeorm';
import type { Key, Row } from './tracked-table.js';
import type { WriteQuery, WriteResult } from './typeorm-internals.js';

const INSERTED = 'webhooks_inserted';

/** A row that an INSERT has written. */
export interface WrittenRow {
  readonly key: Key;
  /** `false` when the database says that it was there before; `undefined` when it does not tell. */
  readonly inserted: boolean | undefined;
}

/**
 * Lets an INSERT return the keys of its rows beside what it returns anyhow, and takes them out of the result again,
 * so that its caller sees no difference.
 *
 * @param options - `verifies`: also whether each row was there before, which only PostgreSQL tells
 */
export async function executeReturningKeys(
  query: WriteQuery,
  { primaryColumns }: EntityMetadata,
  { verifies = false, execute }: { verifies?: boolean; execute: () => Promise<WriteResult> },
): Promise<{ result: WriteResult; written: WrittenRow[] }> {
  const escape = (name: string) => query.dataSource.driver.escape(name);
  const keys = primaryColumns.map(
    ({ databaseName }, index) => `${escape(databaseName)} AS ${escape(alias(index))}`,
  );
  // In PostgreSQL a row version that nobody has locked or deleted is a new row.
  const extra = verifies ? [...keys, `(xmax = 0) AS ${escape(INSERTED)}`] : keys;
  let own = '';
  const original = query.createReturningExpression;
  query.createReturningExpression = function withKeys(this: WriteQuery, type: string): string {
    own = original.call(this, type);
    return [...(own === '' ? [] : [own]), ...extra].join(', ');
  };
  try {
    const result = await execute();
    const rows = Array.isArray(result.raw) ? (result.raw as Record<string, unknown>[]) : [];
    const written = rows.map((row) => takeKey(row, primaryColumns.length));
    if (own === '') result.raw = [];
    return { result, written };
  } finally {
    query.createReturningExpression = original;
  }
}

function takeKey(row: Record<string, unknown>, count: number): WrittenRow {
  const key = Array.from({ length: count }, (_, index) => (row as Row)[alias(index)]);
  const inserted = row[INSERTED] as boolean | undefined;
  for (let index = 0; index < count; index += 1) delete row[alias(index)];
  delete row[INSERTED];
  return { key, inserted };
}

function alias(index: number): string {
  return `webhooks_key_${index}`;
}
