import type { DataSource, EntityMetadata, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { chunks } from '../common/chunks.js';
import type { NamedStatements } from '../postgres/named-statements.js';
import type { CaptureDialect, LockPurpose } from './capture-dialect.js';
import { CaptureError } from './capture-error.js';
import { ImageStatement } from './image-statement.js';
import { withLinks, type Image, type LinkedKeys } from './image.js';
import { readRows } from './read-rows.js';
import { writtenTables } from './sql-statements.js';
import { SqlText } from './sql-text.js';
import type { Key, Row, TrackedTable } from './tracked-table.js';
import type { WriteQuery } from './typeorm-internals.js';

/** Values of one condition; more are read in several statements, since databases limit parameters. */
const TUPLES_PER_STATEMENT = 10_000;

/** Which rows to read. */
export interface RowQuery {
  readonly select: readonly ColumnMetadata[];
  readonly where: readonly ColumnMetadata[];
  readonly among: readonly (readonly unknown[])[];
  readonly lock: LockPurpose;
  readonly limit?: number;
}

/** Reads and locks the state of objects, on the connection that changes them. */
export class ImageReader {
  /** @param statements - those that connections keep */
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialect: CaptureDialect,
    private readonly statements?: NamedStatements,
  ) {}

  /** Rows by the values of some columns, in the order of the key, so that two transactions lock in one order. */
  async rows(runner: QueryRunner, from: EntityMetadata, query: RowQuery): Promise<Row[]> {
    const found: Row[] = [];
    for (const tuples of chunks(query.among, TUPLES_PER_STATEMENT)) {
      const sql = this.sql();
      const limit = query.limit === undefined ? '' : ` LIMIT ${query.limit - found.length}`;
      const text =
        `SELECT ${sql.columns(query.select)} FROM ${sql.table(from)} WHERE ${sql.oneOf(query.where, tuples)}` +
        `${this.orderBy(sql, from)}${limit}${this.dialect.lock[query.lock]}`;
      const isByKey = isPrimaryKey(from, query.where) && query.limit === undefined;
      found.push(...(await this.read(runner, text, { parameters: sql.parameters, isByKey })));
      if (found.length === query.limit) break;
    }
    return found;
  }

  /**
   * The rows a statement is about to change: its own FROM and WHERE, made a locking SELECT.
   *
   * @throws WebhooksError `WEBHOOKS_WRITE_UNCAPTURED` when its WITH writes, which that would do as well
   */
  async rowsOfStatement(
    runner: QueryRunner,
    query: WriteQuery,
    { select, lock, limit }: { select: readonly ColumnMetadata[]; lock: LockPurpose; limit?: number },
  ): Promise<Row[]> {
    const reader = query.clone();
    const from = reader.expressionMap.mainAlias?.metadata as EntityMetadata;
    if (writtenTables(reader.createCteExpression(), this.dialect.name).length > 0) throw writesTwice(from);
    const sql = this.sql();
    const suffix = this.dialect.lock[lock];
    reader.getQuery = function getQuery(this: WriteQuery): string {
      const own = this.createLimitExpression?.() ?? '';
      const order = this.createOrderByExpression?.() ?? '';
      // Not in words of ours, which may be the names of columns.
      const named = (text: string) => this.replacePropertyNamesForTheWholeQuery(text);
      return (
        named(`${this.createComment()}${this.createCteExpression()}`) +
        `SELECT ${sql.columns(select)} FROM ${this.getTableName(this.getMainTableName())}` +
        named(this.createWhereExpression()) +
        (order === '' ? ` ORDER BY ${sql.columns(from.primaryColumns)}` : named(order)) +
        (own === '' && limit !== undefined ? ` LIMIT ${limit}` : own) +
        suffix
      );
    };
    const [text, parameters] = reader.getQueryAndParameters();
    return readRows(runner, text, parameters);
  }

  /** What a many-to-many relation of these locked rows points to. */
  async links(
    runner: QueryRunner,
    table: TrackedTable,
    relation: RelationMetadata,
    rows: readonly Row[],
  ): Promise<Map<string, LinkedKeys>> {
    const junction = relation.junctionEntityMetadata as EntityMetadata;
    const owners = new Map<string, string>();
    const links = new Map<string, unknown[][]>();
    for (const row of rows) {
      const keyText = table.keyText(table.keyOf(row));
      owners.set(tupleText(referencedValues(junction.ownerColumns, row)), keyText);
      links.set(keyText, []);
    }
    const among = rows.map((row) => referencedValues(junction.ownerColumns, row));
    for (const tuples of chunks(among, TUPLES_PER_STATEMENT)) {
      const sql = this.sql();
      const columns = [...junction.ownerColumns, ...junction.inverseColumns];
      const text =
        `SELECT ${sql.columns(columns)} FROM ${sql.table(junction)}` +
        ` WHERE ${sql.oneOf(junction.ownerColumns, tuples)}${this.dialect.junctionLock}`;
      for (const row of await readRows(runner, text, sql.parameters)) {
        const owner = owners.get(tupleText(values(junction.ownerColumns, row)));
        links.get(owner ?? '')?.push(values(junction.inverseColumns, row));
      }
    }
    return links;
  }

  /** The state of objects that are locked already, complete with their links; absent ones are left out. */
  async images(runner: QueryRunner, table: TrackedTable, keys: readonly Key[]): Promise<Map<string, Image>> {
    const images = new Map<string, Image>();
    const statement = new ImageStatement(this.dialect, table);
    for (const among of chunks(keys, TUPLES_PER_STATEMENT)) {
      const sql = this.sql();
      const text = statement.text(sql, among);
      for (const row of await this.read(runner, text, { parameters: sql.parameters, isByKey: true })) {
        const image = statement.image(row);
        images.set(table.keyText(table.keyOf(image.row)), image);
      }
    }
    if (!statement.hasLinks && images.size > 0) await this.addLinks(runner, table, images);
    return images;
  }

  private async addLinks(
    runner: QueryRunner,
    table: TrackedTable,
    images: Map<string, Image>,
  ): Promise<void> {
    const rows = [...images.values()].map(({ row }) => row);
    for (const relation of table.manyToMany) {
      const links = await this.links(runner, table, relation, rows);
      for (const [keyText, image] of images)
        images.set(keyText, withLinks(image, relation.propertyPath, links.get(keyText)));
    }
  }

  /** How rows are best found by other columns than the key depends on the values. */
  private read(
    runner: QueryRunner,
    text: string,
    { parameters, isByKey }: { parameters: readonly unknown[]; isByKey: boolean },
  ): Promise<Row[]> {
    if (!isByKey || this.statements === undefined) return readRows(runner, text, parameters);
    return this.statements.during(runner, (tell) => {
      tell(text);
      return readRows(runner, text, parameters);
    });
  }

  private orderBy(sql: SqlText, { primaryColumns }: EntityMetadata): string {
    return primaryColumns.length === 0 ? '' : ` ORDER BY ${sql.columns(primaryColumns)}`;
  }

  private sql(): SqlText {
    return new SqlText(this.dataSource, this.dialect);
  }
}

function isPrimaryKey({ primaryColumns }: EntityMetadata, columns: readonly ColumnMetadata[]): boolean {
  return columns.length === primaryColumns.length && columns.every(({ isPrimary }) => isPrimary);
}

function writesTwice({ name }: EntityMetadata): CaptureError {
  return new CaptureError(
    'WEBHOOKS_WRITE_UNCAPTURED',
    `A statement that changes or deletes rows of ${name} writes in its WITH as well. Its rows cannot be read before it ` +
      'without doing that twice: make it two statements in one transaction.',
  );
}

function referencedValues(columns: readonly ColumnMetadata[], row: Row): unknown[] {
  return columns.map((column) => row[column.referencedColumn?.databaseName ?? '']);
}

function values(columns: readonly ColumnMetadata[], row: Row): unknown[] {
  return columns.map(({ databaseName }) => row[databaseName]);
}

function tupleText(tuple: readonly unknown[]): string {
  return JSON.stringify(tuple.map(String));
}
