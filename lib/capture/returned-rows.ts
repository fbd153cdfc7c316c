import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { Row } from './tracked-table.js';
import type { WriteQuery, WriteResult } from './typeorm-internals.js';

const INSERTED = 'webhooks_inserted';

/** A row that an INSERT has written. */
export interface WrittenRow {
  /** As much of it as was asked for. */
  readonly row: Row;
  /** `false` when the database says that it was there before; `undefined` when it does not tell. */
  readonly inserted: boolean | undefined;
}

/**
 * Lets an INSERT return columns of its rows beside what it returns anyhow, and takes them out of the result again, so
 * that its caller sees no difference.
 *
 * @param options - `verifies`: also whether each row was there before, which only PostgreSQL tells
 */
export async function executeReturningRows(
  query: WriteQuery,
  columns: readonly ColumnMetadata[],
  { verifies = false, execute }: { verifies?: boolean; execute: () => Promise<WriteResult> },
): Promise<{ result: WriteResult; written: WrittenRow[] }> {
  const escape = (name: string) => query.dataSource.driver.escape(name);
  const names = columns.map(({ databaseName }) => databaseName);
  const returned = names.map((name, index) => `${escape(name)} AS ${escape(alias(index))}`);
  // In PostgreSQL a row version that nobody has locked or deleted is a new row.
  const extra = verifies ? [...returned, `(xmax = 0) AS ${escape(INSERTED)}`] : returned;
  let own = '';
  const original = query.createReturningExpression;
  query.createReturningExpression = function withRows(this: WriteQuery, type: string): string {
    own = original.call(this, type);
    return [...(own === '' ? [] : [own]), ...extra].join(', ');
  };
  try {
    const result = await execute();
    const rows = Array.isArray(result.raw) ? (result.raw as Record<string, unknown>[]) : [];
    const written = rows.map((row) => takeRow(row, names));
    if (own === '') result.raw = [];
    return { result, written };
  } finally {
    query.createReturningExpression = original;
  }
}

function takeRow(result: Record<string, unknown>, names: readonly string[]): WrittenRow {
  const row: Record<string, unknown> = {};
  names.forEach((name, index) => {
    row[name] = result[alias(index)];
    delete result[alias(index)];
  });
  const inserted = result[INSERTED] as boolean | undefined;
  delete result[INSERTED];
  return { row, inserted };
}

function alias(index: number): string {
  return `webhooks_returned_${index}`;
}
