import { Table, TableColumn, TableIndex, type QueryRunner, type TableColumnOptions } from 'typeorm';
import { dialectOf, type Dialect } from '../dialect.js';

/** A column as a migration writes it; `longtext` and `time` stand for what the dialect has for them. */
export interface ColumnDefinition extends Omit<TableColumnOptions, 'name' | 'type'> {
  readonly type: 'varchar' | 'int' | 'bigint' | 'boolean' | 'longtext' | 'time' | 'sequence';
}

/** An index as a migration writes it. */
export interface IndexDefinition {
  readonly columns: readonly string[];
  readonly unique?: boolean;
  /** Rows that are in it; MySQL has no such indices and takes all. */
  readonly where?: string;
}

/** A table as a migration writes it. `id` is always the first column and the key. */
export interface TableDefinition {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnDefinition>>;
  readonly indices: Readonly<Record<string, IndexDefinition>>;
  /**
   * Percent to which PostgreSQL fills a page with new rows.
   *
   * @defaultValue `100`
   */
  readonly fillFactor?: number;
}

/** The table's name with the schema and prefix of the data source. */
export function tablePath(queryRunner: QueryRunner, name: string): string {
  const { driver, options } = queryRunner.dataSource;
  return driver.buildTableName(`${options.entityPrefix ?? ''}${name}`, driver.schema, driver.database);
}

/** Creates the table unless it exists: another process may have been first. */
export async function createTable(queryRunner: QueryRunner, definition: TableDefinition): Promise<void> {
  const dialect = supportedDialect(queryRunner);
  const name = tablePath(queryRunner, definition.name);
  if (await queryRunner.hasTable(name)) return;
  await queryRunner.createTable(
    new Table({
      name,
      columns: [
        new TableColumn({
          name: 'id',
          type: 'varchar',
          length: '36',
          isPrimary: true,
          primaryKeyConstraintName: `PK_${definition.name}`,
        }),
        ...Object.entries(definition.columns).map(([column, options]) =>
          tableColumn(column, options, dialect),
        ),
      ],
      indices: Object.entries(definition.indices).map(
        ([index, { columns, unique = false, where }]) =>
          new TableIndex({
            name: index,
            columnNames: [...columns],
            isUnique: unique,
            ...(where === undefined || dialect === 'mysql' ? {} : { where }),
          }),
      ),
    }),
  );
  if (dialect === 'postgres' && definition.fillFactor !== undefined) {
    const path = escapedPath(queryRunner, definition.name);
    await queryRunner.query(`ALTER TABLE ${path} SET (fillfactor = ${definition.fillFactor})`);
  }
}

/** Drops the table if it exists. */
export async function dropTable(queryRunner: QueryRunner, name: string): Promise<void> {
  // TypeORM drops the indices first, which MySQL refuses for the one that an auto-increment column needs.
  await queryRunner.query(`DROP TABLE IF EXISTS ${escapedPath(queryRunner, name)}`);
}

function escapedPath(queryRunner: QueryRunner, name: string): string {
  const parts = tablePath(queryRunner, name).split('.');
  return parts.map((part) => queryRunner.dataSource.driver.escape(part)).join('.');
}

function supportedDialect(queryRunner: QueryRunner): Dialect {
  const dialect = dialectOf(queryRunner.dataSource.options.type);
  if (dialect === undefined)
    throw new TypeError(`Unsupported database ${queryRunner.dataSource.options.type}.`);
  return dialect;
}

function tableColumn(name: string, { type, ...options }: ColumnDefinition, dialect: Dialect): TableColumn {
  switch (type) {
    case 'time':
      return new TableColumn({ ...options, name, type: 'bigint' });
    case 'longtext':
      return new TableColumn({ ...options, name, type: dialect === 'mysql' ? 'longtext' : 'text' });
    case 'boolean':
      return new TableColumn({
        ...options,
        name,
        type: dialect === 'mysql' ? 'tinyint' : 'boolean',
        default: dialect === 'postgres' ? options.default : Number(options.default),
      });
    case 'int':
      return new TableColumn({ ...options, name, type: dialect === 'sqlite' ? 'integer' : 'int' });
    case 'sequence':
      return dialect === 'sqlite'
        ? new TableColumn({ ...options, name, type: 'bigint' })
        : new TableColumn({
            ...options,
            name,
            type: 'bigint',
            isGenerated: true,
            generationStrategy: 'increment',
          });
    default:
      return new TableColumn({ ...options, name, type });
  }
}
