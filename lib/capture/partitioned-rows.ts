import { QueryFailedError, type QueryRunner } from 'typeorm';
import type { CaptureTools } from './capture-tools.js';
import { readRows } from './read-rows.js';
import type { WrittenRow } from './returned-rows.js';
import { SqlText } from './sql-text.js';
import type { TrackedTable } from './tracked-table.js';

/** Whether an INSERT failed because it cannot return `xmax`: its table is partitioned. */
export function cannotReturnSystemColumns(error: unknown): boolean {
  return error instanceof QueryFailedError && error.message.includes('cannot retrieve a system column');
}

/** Asks the table itself which of the rows that an upsert has written were there before. */
export async function withInserted(
  { dataSource, dialect }: CaptureTools,
  runner: QueryRunner,
  table: TrackedTable,
  written: readonly WrittenRow[],
): Promise<WrittenRow[]> {
  if (written.length === 0) return [];
  const sql = new SqlText(dataSource, dialect);
  const keys = written.map(({ row }) => table.keyOf(row));
  const rows = await readRows(
    runner,
    `SELECT ${sql.columns(table.keyColumns)}, (xmax = 0) AS webhooks_inserted FROM ${sql.table(table.root)}` +
      ` WHERE ${sql.oneOf(table.keyColumns, keys)}`,
    sql.parameters,
  );
  const inserted = new Map(
    rows.map((row) => [table.keyText(table.keyOf(row)), row['webhooks_inserted'] === true]),
  );
  return written.map(({ row }) => ({ row, inserted: inserted.get(table.keyText(table.keyOf(row))) }));
}
