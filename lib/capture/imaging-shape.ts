import type { DataSource } from 'typeorm';
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

/** TypeORM's text of an UPDATE, in parts. */
export interface UpdateText {
  /** Up to its condition. */
  readonly head: string;
  /** Its condition with ` WHERE `; empty where there is none. */
  readonly where: string;
  /** What it returns for TypeORM, with a comma before it; may be empty. */
  readonly returning: string;
}

/** What one UPDATE tells of its rows. */
export interface ImagingScope {
  /** The columns in which a row may differ afterwards. */
  readonly changing: readonly ImagedColumn[];
  /** It changes nothing when there are more rows; left out where there is one at most. */
  readonly maxRows: number | undefined;
}

/** Makes a whole statement of the text of one. */
export type StatementWriter = (update: UpdateText) => string;

/** Sets of changed columns for which texts are remembered at most. */
const MAX_WRITERS = 200;

/** Begins the name of everything that an UPDATE returns for capture. */
export const OWN_PREFIX = 'webhooks_';
/** The rows that an UPDATE changes, beside it. */
export const ROWS = `${OWN_PREFIX}rows`;
/** The `xmin` of a row as the UPDATE found it. */
export const VERSION = `${OWN_PREFIX}version`;
const CURRENT = `${OWN_PREFIX}current`;

/** What all UPDATEs of a table that return images have in common: their texts, and how their rows are read. */
export abstract class ImagingShape {
  /** The columns of the table. */
  readonly columns: readonly ImagedColumn[];
  /** Escaped names of the key's columns. */
  readonly keyNames: readonly string[];
  private readonly blank: Row;
  private readonly writers = new Map<string, StatementWriter>();
  protected readonly sql: SqlText;
  protected readonly related: RelatedRows;
  /** Ends the SELECT of rows that are about to change. */
  protected readonly lock: string;

  /** @param related - whether the rows of declared references are read as well */
  constructor(
    dataSource: DataSource,
    protected readonly table: TrackedTable,
    { dialect, related }: { dialect: CaptureDialect; related: boolean },
  ) {
    this.sql = new SqlText(dataSource, dialect);
    this.lock = dialect.lock.change;
    this.keyNames = table.keyColumns.map(({ databaseName }) => this.sql.name(databaseName));
    this.related = new RelatedRows(related ? table.plainReferences : []);
    this.blank = Object.fromEntries(table.columns.map(({ databaseName }) => [databaseName, null]));
    this.columns = table.columns.map(({ databaseName }, index) => ({
      databaseName,
      before: `${OWN_PREFIX}before_${index}`,
      after: `${OWN_PREFIX}after_${index}`,
    }));
  }

  /** The whole statement. */
  complete(update: UpdateText, scope: ImagingScope): string {
    const key = `${scope.maxRows ?? ''} ${scope.changing.map(({ after }) => after).join(' ')}`;
    let write = this.writers.get(key);
    if (write === undefined) {
      if (this.writers.size >= MAX_WRITERS) this.writers.clear();
      this.writers.set(key, (write = this.writer(scope)));
    }
    return write(update);
  }

  /** Writes the statements of one scope, of which nearly everything is the same each time. */
  protected abstract writer(scope: ImagingScope): StatementWriter;

  /** Rows in the order of their keys. */
  abstract ordered(rows: readonly Row[]): readonly Row[];

  /** Whether there are more rows than came back. */
  abstract misses(rows: readonly Row[]): boolean;

  /** What a returned row says. */
  pair(row: Row, changing: readonly ImagedColumn[]): ImagePair {
    const after: Record<string, unknown> = { ...this.blank };
    for (const { databaseName, after: alias } of this.columns) after[databaseName] = row[alias];
    const before = { ...after };
    for (const { databaseName, before: alias } of changing) before[databaseName] = row[alias];
    const image = { row: after, links: NO_LINKS };
    return {
      before: { row: before, links: NO_LINKS },
      after: row[CURRENT] === true ? { ...image, related: this.related.of(row) } : image,
    };
  }

  /**
   * Whether a changed row is the one that the statement saw when it began; nothing where no other rows are read beside
   * it. If it waited for another transaction, what it has read there may be older than the row.
   *
   * @param version - the `xmin` of the row that was changed
   * @param keyOf - the SQL of a key column of it
   */
  protected isSeen(version: string, keyOf: (column: ColumnMetadata) => string): string[] {
    if (this.related.isEmpty) return [];
    const { sql, table } = this;
    const same = table.keyColumns
      .map((column) => `seen.${sql.name(column.databaseName)} = ${keyOf(column)}`)
      .join(' AND ');
    const seen = `SELECT seen.xmin FROM ${sql.table(table.root)} seen WHERE ${same}`;
    return [`(${seen}) = ${version} AS ${sql.name(CURRENT)}`];
  }
}
