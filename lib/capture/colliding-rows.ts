import type { EntityMetadata, ObjectLiteral, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { CaptureTools } from './capture-tools.js';
import type { KeyChange, Row, TrackedTable } from './tracked-table.js';
import type { WriteQuery } from './typeorm-internals.js';

/** Finds the rows that an INSERT would run into, by the unique keys of its values. */
export class CollidingRows {
  /** Places of the values that have none of the unique keys. */
  readonly uncovered: readonly number[];
  private readonly conditions: { columns: readonly ColumnMetadata[]; tuples: unknown[][] }[];

  constructor(
    private readonly tools: CaptureTools,
    private readonly table: TrackedTable,
    query: WriteQuery,
  ) {
    const { driver } = tools.dataSource;
    const tuplesOf = (columns: readonly ColumnMetadata[], values: ObjectLiteral): unknown[][] => {
      const tuple = columns.map(
        (column) => driver.preparePersistentValue(column.getEntityValue(values), column) as unknown,
      );
      return tuple.every((value) => value !== undefined && value !== null && typeof value !== 'function')
        ? [tuple]
        : [];
    };
    const sets = query.getValueSets();
    this.conditions = uniqueKeys(tools, table.root, query).map((columns) => ({
      columns,
      tuples: sets.flatMap((values) => tuplesOf(columns, values)),
    }));
    this.uncovered = sets.flatMap((values, index) =>
      this.conditions.some(({ columns }) => tuplesOf(columns, values).length > 0) ? [] : [index],
    );
  }

  /** The rows that are there now. */
  async read(runner: QueryRunner, lock: 'change' | 'reread'): Promise<Row[]> {
    const found = new Map<string, Row>();
    for (const { columns, tuples } of this.conditions) {
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
    const changes = this.conditions.flatMap(({ columns }) => {
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
}

/** The unique keys that decide whether a row is inserted: the named ones, or all where the database has no such word. */
function uniqueKeys(tools: CaptureTools, metadata: EntityMetadata, query: WriteQuery): ColumnMetadata[][] {
  const uniques = [
    ...metadata.uniques.map(({ name, columns }) => ({ name, columns })),
    ...metadata.indices.filter(({ isUnique }) => isUnique).map(({ name, columns }) => ({ name, columns })),
  ];
  const conflict = query.expressionMap.onUpdate?.conflict;
  if (tools.dialect.name !== 'mysql' && typeof conflict === 'string') {
    return uniques.filter(({ name }) => name === conflict).map(({ columns }) => columns);
  }
  if (tools.dialect.name !== 'mysql' && conflict !== undefined && conflict.length > 0) {
    return [
      (conflict as readonly string[]).flatMap((name) => metadata.findColumnWithDatabaseName(name) ?? []),
    ];
  }
  return [metadata.primaryColumns, ...uniques.map(({ columns }) => columns)];
}
