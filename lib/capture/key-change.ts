import type { EntityMetadata, ObjectLiteral, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { CaptureTools } from './capture-tools.js';
import { readRows } from './read-rows.js';
import { SqlText } from './sql-text.js';
import type { KeyChange, Row, TrackedTable } from './tracked-table.js';
import type { WriteQuery } from './typeorm-internals.js';

/** Columns to which an UPDATE gives new values. */
export function setColumns(query: WriteQuery, metadata: EntityMetadata): ColumnMetadata[] {
  const values = query.expressionMap.valuesSet as ObjectLiteral;
  return metadata.columns.filter(
    (column) => column.isUpdate && !column.isVirtualProperty && column.getEntityValue(values) !== undefined,
  );
}

/**
 * The keys that rows have after an UPDATE of key columns. Where the new value is an SQL expression, the database
 * evaluates it on the rows as they are now, which is what the UPDATE will do.
 */
export async function keyChanges(
  tools: CaptureTools,
  runner: QueryRunner,
  { query, table, rows }: { query: WriteQuery; table: TrackedTable; rows: readonly Row[] },
): Promise<KeyChange[]> {
  const values = query.expressionMap.valuesSet as ObjectLiteral;
  const given = table.keyColumns.map((column) => column.getEntityValue(values) as unknown);
  const keys = rows.map((row) => table.keyOf(row));
  if (rows.length === 0 || given.every((value) => value === undefined)) return [];
  const expressions = given.map((value) =>
    typeof value === 'function' ? String((value as () => unknown)()) : undefined,
  );
  const computed = expressions.some((expression) => expression !== undefined)
    ? await evaluate(tools, runner, { table, keys, expressions })
    : new Map<string, Row>();
  return keys.flatMap((from) => {
    const evaluated = computed.get(table.keyText(from));
    const to = table.keyColumns.map((column, index) => {
      if (expressions[index] !== undefined) return evaluated?.[alias(index)];
      const value = given[index];
      return value === undefined
        ? from[index]
        : (tools.dataSource.driver.preparePersistentValue(value, column) as unknown);
    });
    return table.keyText(from) === table.keyText(to) ? [] : [{ from, to }];
  });
}

async function evaluate(
  tools: CaptureTools,
  runner: QueryRunner,
  {
    table,
    keys,
    expressions,
  }: { table: TrackedTable; keys: KeyChange['from'][]; expressions: (string | undefined)[] },
): Promise<Map<string, Row>> {
  const sql = new SqlText(tools.dataSource, tools.dialect);
  const selected = expressions.flatMap((expression, index) =>
    expression === undefined ? [] : [`${expression} AS ${sql.name(alias(index))}`],
  );
  const text =
    `SELECT ${sql.columns(table.keyColumns)}, ${selected.join(', ')} FROM ${sql.table(table.root)}` +
    ` WHERE ${sql.oneOf(table.keyColumns, keys)}${tools.dialect.lock.reread}`;
  const found = await readRows(runner, text, sql.parameters);
  return new Map(found.map((row) => [table.keyText(table.keyOf(row)), row]));
}

function alias(index: number): string {
  return `webhooks_key_${index}`;
}
