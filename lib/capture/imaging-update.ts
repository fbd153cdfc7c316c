import type { ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { CaptureDialect } from './capture-dialect.js';
import type { Image } from './image.js';
import { RelatedRows } from './related-rows.js';
import { SqlText } from './sql-text.js';
import type { Row, TrackedTable } from './tracked-table.js';
import type { WriteQuery, WriteResult } from './typeorm-internals.js';

/** An object as an UPDATE found it, and as it left it. */
export interface ImagePair {
  readonly before: Image;
  readonly after: Image;
}

export interface ImagingOptions {
  readonly dialect: CaptureDialect;
  /** The statement changes nothing when there are more rows. */
  readonly maxRows: number;
  /** It is known to be one row at most. */
  readonly single: boolean;
  /** Whether the rows of declared relations are read as well: worth it only if nothing else follows. */
  readonly related: boolean;
}

/** What an UPDATE says of its rows. */
export interface ImagedRows {
  readonly pairs: readonly ImagePair[];
  /** Whether there are more than were changed: one of them got another key in the same instant. */
  readonly incomplete: boolean;
}

const OWN = 'webhooks_';
const ROWS = `${OWN}rows`;
const TOTAL = `${OWN}total`;
const PLACE = `${OWN}place`;
const VERSION = `${OWN}version`;
const CURRENT = `${OWN}current`;
/** Stand for what must not go through TypeORM's search for names of properties. */
const [WHERE_MARK, RETURNING_MARK] = ['/*webhooks_where*/', '/*webhooks_returning*/'];

/**
 * Makes one UPDATE of PostgreSQL do all that capture needs of it: it locks its rows in the order of their keys, and
 * returns them as they were, as they are, and what they refer to.
 */
export class ImagingUpdate {
  /** What the rows may differ in afterwards. */
  private changing: readonly ColumnMetadata[] = [];
  private related = new RelatedRows([]);
  private ownReturning = '';

  constructor(
    private readonly query: WriteQuery,
    private readonly table: TrackedTable,
    private readonly options: ImagingOptions,
  ) {}

  /** Runs the statement; its result is as if it had been TypeORM's own. */
  async execute(execute: () => Promise<WriteResult>): Promise<{ result: WriteResult; rows: ImagedRows }> {
    const { query } = this;
    const { getQuery, createWhereExpression, createReturningExpression } = query;
    let where = '';
    query.createWhereExpression = () => {
      where = createWhereExpression.call(query);
      return WHERE_MARK;
    };
    query.createReturningExpression = (type) => {
      this.ownReturning = createReturningExpression.call(query, type);
      return this.ownReturning === '' ? RETURNING_MARK : `${this.ownReturning}, ${RETURNING_MARK}`;
    };
    query.getQuery = () => {
      this.readValues();
      const text = getQuery.call(query);
      const named = query.replacePropertyNamesForTheWholeQuery(where);
      return text.replace(WHERE_MARK, () => this.from(named)).replace(RETURNING_MARK, () => this.returning());
    };
    try {
      const result = await execute();
      return { result, rows: this.take(result) };
    } finally {
      Object.assign(query, { getQuery, createWhereExpression, createReturningExpression });
    }
  }

  /** Only when the statement is written: subscribers of the application may have set more values before. */
  private readValues(): void {
    const { columns, plainReferences } = this.table;
    const names = changingNames(this.query, this.table);
    this.changing = columns.filter(({ databaseName }) => names.has(databaseName));
    // What a changed reference points to is read later, as if this statement had not been.
    const keeps = plainReferences.every(({ joinColumns }) =>
      joinColumns.every(({ databaseName }) => !names.has(databaseName)),
    );
    this.related = new RelatedRows(this.options.related && keeps ? plainReferences : []);
  }

  private from(where: string): string {
    const sql = this.sql();
    const { keyColumns } = this.table;
    const same = keyColumns.map(
      (column) => `${sql.name(column.databaseName)} = ${sql.name(this.beforeAliasOf(column))}`,
    );
    if (this.options.single)
      return ` FROM (${this.locked(sql, where)}) ${sql.name(ROWS)} WHERE ${same.join(' AND ')}`;
    const { maxRows } = this.options;
    const limited = `${where} ORDER BY ${sql.columns(keyColumns)} LIMIT ${maxRows + 1}`;
    const counted =
      `SELECT *, count(*) OVER () AS ${sql.name(TOTAL)}, row_number() OVER () AS ${sql.name(PLACE)}` +
      ` FROM (${this.locked(sql, limited)}) locked`;
    return ` FROM (${counted}) ${sql.name(ROWS)} WHERE ${[...same, `${sql.name(TOTAL)} <= ${maxRows}`].join(' AND ')}`;
  }

  /** The rows as they are when they are locked, with what they refer to. */
  private locked(sql: SqlText, where: string): string {
    const { columns, root } = this.table;
    const name = sql.name(root.tableName);
    const own = columns.map(
      ({ databaseName }, index) => `${name}.${sql.name(databaseName)} AS ${sql.name(beforeAlias(index))}`,
    );
    const version = this.related.isEmpty ? [] : [`${name}.xmin::text AS ${sql.name(VERSION)}`];
    const joins = this.related.joins(sql, ({ databaseName }) => `${name}.${sql.name(databaseName)}`);
    return (
      `SELECT ${[...own, ...version, ...this.related.columns(sql)].join(', ')} FROM ${sql.table(root)}${joins}` +
      `${where}${this.options.dialect.lock.change} OF ${name}`
    );
  }

  private returning(): string {
    const sql = this.sql();
    const changed = this.changing.map(
      ({ databaseName }, index) => `${sql.name(databaseName)} AS ${sql.name(afterAlias(index))}`,
    );
    const current = this.related.isEmpty ? [] : [`${this.isSeen(sql)} AS ${sql.name(CURRENT)}`];
    return [...changed, `${sql.name(ROWS)}.*`, ...current].join(', ');
  }

  /**
   * Whether a locked row is the one that the statement saw when it began. If it waited for another transaction, what it
   * has read beside the row may be older than the row.
   */
  private isSeen(sql: SqlText): string {
    const { keyColumns, root } = this.table;
    const same = keyColumns.map(
      (column) => `seen.${sql.name(column.databaseName)} = ${sql.name(this.beforeAliasOf(column))}`,
    );
    return `(SELECT seen.xmin::text FROM ${sql.table(root)} seen WHERE ${same.join(' AND ')}) = ${sql.name(VERSION)}`;
  }

  /** Takes what is ours out of the result. */
  private take(result: WriteResult): ImagedRows {
    const raw = result.raw as Record<string, unknown>[];
    const { single } = this.options;
    const pairs = (
      single ? raw : raw.toSorted((row, other) => Number(row[PLACE]) - Number(other[PLACE]))
    ).map((row) => this.pair(row));
    const incomplete = !single && raw.length > 0 && Number(raw[0]?.[TOTAL]) !== raw.length;
    if (this.ownReturning === '') {
      result.raw = [];
      result.generatedMaps?.splice(0);
    } else {
      for (const row of raw) {
        for (const name of Object.keys(row)) if (name.startsWith(OWN)) delete row[name];
      }
    }
    return { pairs, incomplete };
  }

  private pair(row: Row): ImagePair {
    const before: Record<string, unknown> = {};
    this.table.columns.forEach(({ databaseName }, index) => {
      before[databaseName] = row[beforeAlias(index)];
    });
    const after = { ...before };
    this.changing.forEach(({ databaseName }, index) => {
      after[databaseName] = row[afterAlias(index)];
    });
    const isCurrent = !this.related.isEmpty && row[CURRENT] === true;
    return {
      before: { row: before, links: new Map() },
      after: {
        row: after,
        links: new Map(),
        ...(isCurrent ? { related: this.related.of(row) } : {}),
      },
    };
  }

  private beforeAliasOf({ databaseName }: ColumnMetadata): string {
    return beforeAlias(this.table.columns.findIndex((column) => column.databaseName === databaseName));
  }

  private sql(): SqlText {
    return new SqlText(this.query.dataSource, this.options.dialect);
  }
}

/** Names of the columns that an UPDATE sets, and of those that follow. */
function changingNames({ expressionMap }: WriteQuery, { root, computed }: TrackedTable): Set<string> {
  const set = new Set(Object.keys(expressionMap.valuesSet as ObjectLiteral));
  const isSet = (path: string | undefined) => path !== undefined && set.has(path.split('.')[0] as string);
  const names = root.columns
    .filter(
      (column) =>
        isSet(column.propertyPath) ||
        isSet(column.relationMetadata?.propertyPath) ||
        column.isVersion ||
        column.isUpdateDate,
    )
    .map(({ databaseName }) => databaseName);
  return new Set([...names, ...(computed ?? [])]);
}

function beforeAlias(index: number): string {
  return `${OWN}before_${index}`;
}

function afterAlias(index: number): string {
  return `${OWN}after_${index}`;
}
