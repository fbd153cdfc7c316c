import type { DataSource, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { CaptureDialect } from './capture-dialect.js';
import { NO_LINKS, type Image } from './image.js';
import { RelatedRows } from './related-rows.js';
import { SqlText } from './sql-text.js';
import type { Row, TrackedTable } from './tracked-table.js';

/** An object as an UPDATE found it, and as it left it. */
export interface ImagePair {
  readonly before: Image;
  readonly after: Image;
}

/** A column, and the names under which its values come back. */
export interface ImagedColumn {
  readonly databaseName: string;
  readonly before: string;
  readonly after: string;
}

/** Begins the name of everything that an UPDATE returns for capture. */
export const OWN_PREFIX = 'webhooks_';
const ROWS = `${OWN_PREFIX}rows`;
const TOTAL = `${OWN_PREFIX}total`;
const PLACE = `${OWN_PREFIX}place`;
const VERSION = `${OWN_PREFIX}version`;
const CURRENT = `${OWN_PREFIX}current`;

/** What all UPDATEs of a table that return images have in common: their texts, and how their rows are read. */
export class ImagingShape {
  /** The columns of the table. */
  readonly columns: readonly ImagedColumn[];
  private readonly sql: SqlText;
  private readonly related: RelatedRows;
  /** What is read of every row while it is locked, and what the UPDATE returns of it afterwards. */
  private readonly locked: string;
  private readonly returned: string;
  private readonly joins: string;
  private readonly lock: string;
  private readonly sameKey: string;

  /** @param related - whether the rows of declared references are read as well */
  constructor(
    dataSource: DataSource,
    private readonly table: TrackedTable,
    { dialect, related }: { dialect: CaptureDialect; related: boolean },
  ) {
    const { columns, keyColumns, root, plainReferences } = table;
    const sql = new SqlText(dataSource, dialect);
    this.sql = sql;
    this.related = new RelatedRows(related ? plainReferences : []);
    this.columns = columns.map(({ databaseName }, index) => ({
      databaseName,
      before: `${OWN_PREFIX}before_${index}`,
      after: `${OWN_PREFIX}after_${index}`,
    }));
    const relatedColumns = this.related.columns(sql);
    const keys = keyColumns.map((column, index) => `${this.own(column)} AS ${sql.name(keyAlias(index))}`);
    const version = related ? [`${this.own({ databaseName: 'xmin' })} AS ${sql.name(VERSION)}`] : [];
    this.locked = [...keys, ...version, ...relatedColumns].join(', ');
    const after = this.columns.map(
      ({ databaseName, after: alias }) => `${sql.name(databaseName)} AS ${sql.name(alias)}`,
    );
    const current = related ? [`${this.isSeen(root)} AS ${sql.name(CURRENT)}`] : [];
    this.returned = [...after, ...relatedColumns, ...current].join(', ');
    this.joins = this.related.joins(sql, (column) => this.own(column));
    this.lock = `${dialect.lock.change} OF ${sql.name(root.tableName)}`;
    this.sameKey = this.keyEquals((column) => sql.name(column.databaseName));
  }

  /**
   * The FROM and WHERE of the UPDATE.
   *
   * @param where - the statement's own
   * @param changing - the columns in which a row may differ afterwards
   * @param maxRows - it changes nothing when there are more; left out where there is one at most
   */
  from(where: string, changing: readonly ImagedColumn[], maxRows?: number): string {
    const { sql, table, lock } = this;
    const before = changing.map((column) => `, ${this.own(column)} AS ${sql.name(column.before)}`);
    const select = `SELECT ${this.locked}${before.join('')} FROM ${sql.table(table.root)}${this.joins}${where}`;
    const rows = sql.name(ROWS);
    if (maxRows === undefined) return ` FROM (${select}${lock}) ${rows} WHERE ${this.sameKey}`;
    const order = ` ORDER BY ${sql.columns(table.keyColumns)} LIMIT ${maxRows + 1}`;
    const counted =
      `SELECT *, count(*) OVER () AS ${sql.name(TOTAL)}, row_number() OVER () AS ${sql.name(PLACE)}` +
      ` FROM (${select}${order}${lock}) locked`;
    return ` FROM (${counted}) ${rows} WHERE ${this.sameKey} AND ${sql.name(TOTAL)} <= ${maxRows}`;
  }

  /** What the UPDATE returns; parameters as in {@link from}. */
  returning(changing: readonly ImagedColumn[], maxRows?: number): string {
    const own = [...changing.map(({ before }) => before), ...(maxRows === undefined ? [] : [TOTAL, PLACE])];
    return [this.returned, ...own.map((name) => this.sql.name(name))].join(', ');
  }

  /** What a returned row says. */
  pair(row: Row, changing: readonly ImagedColumn[]): ImagePair {
    const after: Record<string, unknown> = {};
    for (const { databaseName, after: alias } of this.columns) after[databaseName] = row[alias];
    const before = { ...after };
    for (const { databaseName, before: alias } of changing) before[databaseName] = row[alias];
    const image = { row: after, links: NO_LINKS };
    return {
      before: { row: before, links: NO_LINKS },
      after: row[CURRENT] === true ? { ...image, related: this.related.of(row) } : image,
    };
  }

  /** Rows in the order in which they were locked. */
  ordered(rows: readonly Row[]): Row[] {
    return rows.toSorted((row, other) => Number(row[PLACE]) - Number(other[PLACE]));
  }

  /** How many rows the statement has locked. */
  total([row]: readonly Row[]): number {
    return Number(row?.[TOTAL] ?? 0);
  }

  /**
   * Whether a locked row is the one that the statement saw when it began. If it waited for another transaction, what it
   * has read beside the row may be older than the row.
   */
  private isSeen(root: EntityMetadata): string {
    const same = this.keyEquals((column) => `seen.${this.sql.name(column.databaseName)}`);
    return `(SELECT seen.xmin FROM ${this.sql.table(root)} seen WHERE ${same}) = ${this.sql.name(VERSION)}`;
  }

  private keyEquals(nameOf: (column: ColumnMetadata) => string): string {
    return this.table.keyColumns
      .map((column, index) => `${nameOf(column)} = ${this.sql.name(keyAlias(index))}`)
      .join(' AND ');
  }

  /** A column of the rows that are locked. */
  private own({ databaseName }: { readonly databaseName: string }): string {
    return `${this.sql.name(this.table.root.tableName)}.${this.sql.name(databaseName)}`;
  }
}

function keyAlias(index: number): string {
  return `${OWN_PREFIX}key_${index}`;
}
