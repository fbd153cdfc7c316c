import type { EntityMetadata, ObjectLiteral, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { CaptureTools } from './capture-tools.js';
import { constraintColumns } from './constraint-columns.js';
import type { KeyChange, Row, TrackedTable } from './tracked-table.js';
import type { WriteQuery } from './typeorm-internals.js';

interface Condition {
  readonly columns: readonly ColumnMetadata[];
  readonly tuples: readonly unknown[][];
}

/** Finds the rows that an INSERT would run into, by the unique keys of its values. */
export class CollidingRows {
  private conditions: readonly Condition[] | undefined;

  constructor(
    private readonly tools: CaptureTools,
    private readonly table: TrackedTable,
    private readonly query: WriteQuery,
  ) {}

  /** Places of the values that have none of the unique keys. */
  async uncovered(runner: QueryRunner): Promise<number[]> {
    const conditions = await this.conditionsOf(runner);
    return this.query
      .getValueSets()
      .flatMap((values, index) =>
        conditions.some(({ columns }) => this.tupleOf(columns, values) !== undefined) ? [] : [index],
      );
  }

  /** The rows that are there now. */
  async read(runner: QueryRunner, lock: 'change' | 'reread'): Promise<Row[]> {
    const found = new Map<string, Row>();
    for (const { columns, tuples } of await this.conditionsOf(runner)) {
      const query = { select: this.table.columns, where: columns, among: tuples, lock };
      for (const row of await this.tools.reader.rows(runner, this.table.root, query)) {
        found.set(this.table.keyText(this.table.keyOf(row)), row);
      }
    }
    return [...found.values()];
  }

  /** The rows whose primary key an upsert by another unique key has changed. */
  renamed(before: readonly Row[], after: readonly Row[]): KeyChange[] {
    const keys = (row: Row) => this.table.keyOf(row);
    const changes = (this.conditions ?? []).flatMap(({ columns }) => {
      const tuple = (row: Row) =>
        JSON.stringify(columns.map(({ databaseName }) => row[databaseName] ?? null));
      const old = new Map(before.map((row) => [tuple(row), keys(row)]));
      return after.flatMap((row) => {
        const from = old.get(tuple(row));
        return from === undefined ? [] : [{ from, to: keys(row) }];
      });
    });
    return changes.filter(({ from, to }) => this.table.keyText(from) !== this.table.keyText(to));
  }

  private async conditionsOf(runner: QueryRunner): Promise<readonly Condition[]> {
    if (this.conditions !== undefined) return this.conditions;
    const keys = await uniqueKeys(this.tools, runner, this.table.root, this.query);
    this.conditions = keys.map((columns) => ({
      columns,
      tuples: this.query.getValueSets().flatMap((values) => {
        const tuple = this.tupleOf(columns, values);
        return tuple === undefined ? [] : [tuple];
      }),
    }));
    return this.conditions;
  }

  /** The values of a unique key, if all of them are given. */
  private tupleOf(columns: readonly ColumnMetadata[], values: ObjectLiteral): unknown[] | undefined {
    const { driver } = this.tools.dataSource;
    const tuple = columns.map(
      (column) => driver.preparePersistentValue(column.getEntityValue(values), column) as unknown,
    );
    return tuple.every((value) => value !== undefined && value !== null && typeof value !== 'function')
      ? tuple
      : undefined;
  }
}

/** The unique keys that decide whether a row is inserted: the named ones, or all where the database has no such word. */
async function uniqueKeys(
  tools: CaptureTools,
  runner: QueryRunner,
  metadata: EntityMetadata,
  query: WriteQuery,
): Promise<(readonly ColumnMetadata[])[]> {
  const uniques = [
    ...metadata.uniques.map(({ name, columns }) => ({ name, columns })),
    ...metadata.indices.filter(({ isUnique }) => isUnique).map(({ name, columns }) => ({ name, columns })),
  ];
  const conflict = query.expressionMap.onUpdate?.conflict ?? [];
  if (tools.dialect.name === 'mysql' || conflict.length === 0)
    return [metadata.primaryColumns, ...uniques.map(({ columns }) => columns)];
  if (typeof conflict !== 'string')
    return [conflict.flatMap((name) => metadata.findColumnWithDatabaseName(name) ?? [])];
  const declared = uniques.find(({ name }) => name === conflict)?.columns;
  const columns = declared ?? (await constraintColumns(tools, runner, metadata, conflict));
  return columns.length === 0 ? [] : [columns];
}
