import type { DataSource, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { CaptureDialect } from './capture-dialect.js';

/** Written once: the lists of a table are the same ones each time. */
const columnLists = new WeakMap<readonly ColumnMetadata[], string>();

/** Writes the SQL of capture's own statements, collecting parameters. */
export class SqlText {
  readonly parameters: unknown[] = [];

  constructor(
    private readonly dataSource: DataSource,
    private readonly dialect: CaptureDialect,
  ) {}

  table({ tablePath }: EntityMetadata): string {
    return tablePath
      .split('.')
      .map((part) => this.name(part))
      .join('.');
  }

  columns(columns: readonly ColumnMetadata[], of = ''): string {
    const known = of === '' ? columnLists.get(columns) : undefined;
    if (known !== undefined) return known;
    const prefix = of === '' ? '' : `${of}.`;
    const text = columns.map(({ databaseName }) => prefix + this.name(databaseName)).join(', ');
    if (of === '') columnLists.set(columns, text);
    return text;
  }

  name(name: string): string {
    return this.dataSource.driver.escape(name);
  }

  /** A column's type as the database names it. */
  type(column: ColumnMetadata): string {
    return this.dataSource.driver.normalizeType(column);
  }

  parameter(value: unknown): string {
    this.parameters.push(value);
    return this.dataSource.driver.createParameter('webhooks', this.parameters.length - 1);
  }

  /** A condition that holds for rows whose columns equal one of the tuples, of which there is at least one. */
  oneOf(columns: readonly ColumnMetadata[], tuples: readonly (readonly unknown[])[], of = ''): string {
    const names = this.columns(columns, of);
    if (columns.length > 1) {
      const rows = tuples.map((tuple) => `(${tuple.map((value) => this.parameter(value)).join(', ')})`);
      const list = this.dialect.name === 'sqlite' ? `VALUES ${rows.join(', ')}` : rows.join(', ');
      return `(${names}) IN (${list})`;
    }
    const values = tuples.map(([value]) => value);
    // One key alone is planned and sent faster by itself.
    if (this.dialect.arrays && values.length > 1) return `${names} = ANY(${this.parameter(values)})`;
    return `${names} IN (${values.map((value) => this.parameter(value)).join(', ')})`;
  }
}
