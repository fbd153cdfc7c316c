import type { DataSource, ObjectLiteral, ObjectType } from 'typeorm';
import { requireDialect, type Dialect } from './dialect.js';
import { tableName } from './table-name.js';
import { textList } from './text-list.js';

/** PostgreSQL's type of a column in {@link Sql.rows}; the other dialects need none. */
export type ColumnType = 'text' | 'int' | 'bigint' | 'boolean';

type Texts = readonly (string | null)[];

/** Up to here PostgreSQL plans and reads single parameters faster than lists. */
export const FEW_ROWS = 4;

/** The parts of a statement whose spelling depends on the dialect. Collects the parameters as they are named. */
export class Sql {
  readonly dialect: Dialect;
  readonly parameters: unknown[] = [];

  constructor(private readonly dataSource: DataSource) {
    this.dialect = requireDialect(dataSource);
  }

  /** Escaped name of an entity's table. */
  table(entity: ObjectType<ObjectLiteral>): string {
    return tableName(this.dataSource, entity);
  }

  /** Escaped name of a column. */
  name(column: string): string {
    return this.dataSource.driver.escape(column);
  }

  /** Escaped names, with an alias before each if given. */
  names(columns: readonly string[], alias?: string): string {
    return columns.map((column) => (alias === undefined ? '' : `${alias}.`) + this.name(column)).join(', ');
  }

  /** A parameter with this value. */
  value(value: unknown): string {
    this.parameters.push(value);
    return this.dialect === 'postgres' ? `$${this.parameters.length}` : '?';
  }

  /** A condition's right side: one of these texts. */
  among(values: readonly string[]): string {
    if (this.dialect === 'postgres') return `= ANY(${this.value(values)}::text[])`;
    return `IN (${values.map((value) => this.value(value)).join(', ')})`;
  }

  /** A table made of parameters, for the FROM of a statement. There must be at least one row. */
  rows(
    alias: string,
    columns: Readonly<Record<string, ColumnType>>,
    rows: readonly (readonly unknown[])[],
  ): string {
    const names = Object.keys(columns);
    const types = Object.values(columns);
    if (this.dialect === 'postgres' && rows.length <= FEW_ROWS) {
      const tuples = rows.map(
        (row) => `(${types.map((type, column) => `${this.value(row[column] ?? null)}::${type}`).join(', ')})`,
      );
      return `(VALUES ${tuples.join(', ')}) AS ${alias}(${this.names(names)})`;
    }
    if (this.dialect === 'postgres') {
      const lists = types.map((type, column) => {
        const values = rows.map((row) => row[column] ?? null);
        return type === 'text' ? this.textList(values as Texts) : `${this.value(values)}::${type}[]`;
      });
      return this.unnested(alias, names, lists);
    }
    const selects = rows.map(
      (row, index) =>
        `SELECT ${names.map((name, column) => this.value(row[column] ?? null) + (index === 0 ? ` AS ${this.name(name)}` : '')).join(', ')}`,
    );
    return `(${selects.join(' UNION ALL ')}) AS ${alias}`;
  }

  /** A table made of lists of texts, one a column: for PostgreSQL. */
  textRows(alias: string, columns: Readonly<Record<string, Texts>>): string {
    const lists = Object.values(columns).map((values) => this.textList(values));
    return this.unnested(alias, Object.keys(columns), lists);
  }

  private unnested(alias: string, names: readonly string[], lists: readonly string[]): string {
    return `unnest(${lists.join(', ')}) AS ${alias}(${this.names(names)})`;
  }

  private textList(values: Texts): string {
    const list = textList(values);
    return list.sql(this.value(list.value));
  }

  /** An UPDATE of `table` (alias `d`) by the rows of `source` (alias `v`); assignments are by column name. */
  updateFrom(
    table: string,
    source: string,
    assignments: Readonly<Record<string, string>>,
    where: string,
  ): string {
    const mysql = this.dialect === 'mysql';
    const set = Object.entries(assignments)
      .map(([column, expression]) => `${mysql ? 'd.' : ''}${this.name(column)} = ${expression}`)
      .join(', ');
    return mysql
      ? `UPDATE ${table} AS d JOIN ${source} ON d.${this.name('id')} = v.${this.name('id')} SET ${set} WHERE ${where}`
      : `UPDATE ${table} AS d SET ${set} FROM ${source} WHERE d.${this.name('id')} = v.${this.name('id')} AND ${where}`;
  }
}
