import type { EntityMetadata, ObjectLiteral, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { CaptureTools } from './capture-tools.js';
import { readRows } from './read-rows.js';
import { SqlText } from './sql-text.js';
import { keyValuesText, type KeyChange, type Row, type TrackedTable } from './tracked-table.js';
import type { WriteQuery } from './typeorm-internals.js';

/** Columns to which an UPDATE gives new values. */
export function setColumns(query: WriteQuery, metadata: EntityMetadata): ColumnMetadata[] {
  const values = query.expressionMap.valuesSet as ObjectLiteral;
  return metadata.columns.filter(
    (column) => column.isUpdate && !column.isVirtualProperty && column.getEntityValue(values) !== undefined,
  );
}

/**
 * The rows as an UPDATE will leave them, as far as these columns go. Where the new value is an SQL expression, the
 * database evaluates it on the rows as they are now, which is what the UPDATE will do.
 */
export async function rowsAfter(
  tools: CaptureTools,
  runner: QueryRunner,
  change: {
    readonly query: WriteQuery;
    readonly metadata: EntityMetadata;
    readonly rows: readonly Row[];
    readonly columns: readonly ColumnMetadata[];
  },
): Promise<Row[]> {
  const { query, metadata, rows, columns } = change;
  if (rows.length === 0 || columns.length === 0) return [...rows];
  const values = query.expressionMap.valuesSet as ObjectLiteral;
  const given: Record<string, unknown> = {};
  const expressions: { column: ColumnMetadata; expression: string }[] = [];
  for (const column of columns) {
    const value = column.getEntityValue(values) as unknown;
    if (typeof value === 'function')
      expressions.push({ column, expression: String((value as () => unknown)()) });
    else given[column.databaseName] = tools.dataSource.driver.preparePersistentValue(value, column);
  }
  const computed = await evaluate(tools, runner, { metadata, rows, expressions });
  return rows.map((row) => ({ ...row, ...given, ...computed.get(keyText(metadata, row)) }));
}

/** Which objects have another key when rows become others, in the same order. */
export function keyChanges(table: TrackedTable, rows: readonly Row[], after: readonly Row[]): KeyChange[] {
  return rows.flatMap((row, index) => {
    const [from, to] = [table.keyOf(row), table.keyOf(after[index] as Row)];
    return table.keyText(from) === table.keyText(to) ? [] : [{ from, to }];
  });
}

async function evaluate(
  tools: CaptureTools,
  runner: QueryRunner,
  {
    metadata,
    rows,
    expressions,
  }: {
    metadata: EntityMetadata;
    rows: readonly Row[];
    expressions: readonly { column: ColumnMetadata; expression: string }[];
  },
): Promise<Map<string, Row>> {
  if (expressions.length === 0) return new Map();
  const { primaryColumns } = metadata;
  const sql = new SqlText(tools.dataSource, tools.dialect);
  const keys = rows.map((row) => primaryColumns.map(({ databaseName }) => row[databaseName]));
  const selected = expressions.map(({ expression }, index) => `${expression} AS ${sql.name(alias(index))}`);
  const text =
    `SELECT ${sql.columns(primaryColumns)}, ${selected.join(', ')} FROM ${sql.table(metadata)}` +
    ` WHERE ${sql.oneOf(primaryColumns, keys)}${tools.dialect.lock.reread}`;
  const found = await readRows(runner, text, sql.parameters);
  return new Map(
    found.map((row) => [
      keyText(metadata, row),
      Object.fromEntries(expressions.map(({ column }, index) => [column.databaseName, row[alias(index)]])),
    ]),
  );
}

function keyText({ primaryColumns }: EntityMetadata, row: Row): string {
  return keyValuesText(primaryColumns.map(({ databaseName }) => row[databaseName]));
}

function alias(index: number): string {
  return `webhooks_key_${index}`;
}
