import type { DataSource, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { CaptureDialect } from './capture-dialect.js';
import type { Image } from './image.js';
import { RelatedRows } from './related-rows.js';
import { SqlText } from './sql-text.js';
import type { Row, TrackedTable } from './tracked-table.js';

/** An object as an UPDATE found it, and as it left it. */
export interface ImagePair {
  readonly before: Image;
  readonly after: Image;
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
  private readonly related: RelatedRows;
  /** The rows as they are when they are locked, with what they refer to; the statement's own WHERE goes in between. */
  private readonly locked: readonly [string, string];
  private readonly order: string;
  private readonly sameKey: string;
  private readonly current: string;
  private readonly sql: SqlText;

  /** @param related - whether the rows of declared references are read as well */
  constructor(
    dataSource: DataSource,
    private readonly table: TrackedTable,
    { dialect, related }: { dialect: CaptureDialect; related: boolean },
  ) {
    const { columns, keyColumns, root, plainReferences } = table;
    const sql = new SqlText(dataSource, dialect);
    const name = sql.name(root.tableName);
    this.sql = sql;
    this.related = new RelatedRows(related ? plainReferences : []);
    const own = columns.map(
      ({ databaseName }, index) => `${name}.${sql.name(databaseName)} AS ${sql.name(beforeAlias(index))}`,
    );
    const version = this.related.isEmpty ? [] : [`${name}.xmin::text AS ${sql.name(VERSION)}`];
    const joins = this.related.joins(sql, ({ databaseName }) => `${name}.${sql.name(databaseName)}`);
    this.locked = [
      `SELECT ${[...own, ...version, ...this.related.columns(sql)].join(', ')} FROM ${sql.table(root)}${joins}`,
      `${dialect.lock.change} OF ${name}`,
    ];
    this.order = ` ORDER BY ${sql.columns(keyColumns)}`;
    this.sameKey = this.keyEquals((column) => sql.name(column.databaseName));
    this.current = this.related.isEmpty ? '' : `, ${this.isSeen(root)} AS ${sql.name(CURRENT)}`;
  }

  /**
   * The FROM and WHERE of the UPDATE.
   *
   * @param where - the statement's own
   * @param maxRows - it changes nothing when there are more; left out where there is one at most
   */
  from(where: string, maxRows?: number): string {
    const [select, lock] = this.locked;
    const { sql } = this;
    const rows = sql.name(ROWS);
    if (maxRows === undefined) return ` FROM (${select}${where}${lock}) ${rows} WHERE ${this.sameKey}`;
    const counted =
      `SELECT *, count(*) OVER () AS ${sql.name(TOTAL)}, row_number() OVER () AS ${sql.name(PLACE)}` +
      ` FROM (${select}${where}${this.order} LIMIT ${maxRows + 1}${lock}) locked`;
    return ` FROM (${counted}) ${rows} WHERE ${this.sameKey} AND ${sql.name(TOTAL)} <= ${maxRows}`;
  }

  /** What the UPDATE returns; `changing` are the columns in which a row may differ afterwards. */
  returning(changing: readonly ColumnMetadata[]): string {
    const { sql } = this;
    const changed = changing.map(
      ({ databaseName }, index) => `${sql.name(databaseName)} AS ${sql.name(afterAlias(index))}, `,
    );
    return `${changed.join('')}${sql.name(ROWS)}.*${this.current}`;
  }

  /** What a returned row says. */
  pair(row: Row, changing: readonly ColumnMetadata[]): ImagePair {
    const before: Record<string, unknown> = {};
    this.table.columns.forEach(({ databaseName }, index) => {
      before[databaseName] = row[beforeAlias(index)];
    });
    const after = { ...before };
    changing.forEach(({ databaseName }, index) => {
      after[databaseName] = row[afterAlias(index)];
    });
    const related = row[CURRENT] === true ? { related: this.related.of(row) } : {};
    return { before: { row: before, links: new Map() }, after: { row: after, links: new Map(), ...related } };
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
    const version = `SELECT seen.xmin::text FROM ${this.sql.table(root)} seen WHERE ${same}`;
    return `(${version}) = ${this.sql.name(VERSION)}`;
  }

  private keyEquals(nameOf: (column: ColumnMetadata) => string): string {
    const { columns, keyColumns } = this.table;
    const before = (column: ColumnMetadata) => this.sql.name(beforeAlias(columns.indexOf(column)));
    return keyColumns.map((column) => `${nameOf(column)} = ${before(column)}`).join(' AND ');
  }
}

function beforeAlias(index: number): string {
  return `${OWN_PREFIX}before_${index}`;
}

function afterAlias(index: number): string {
  return `${OWN_PREFIX}after_${index}`;
}
