import type { ObjectLiteral } from 'typeorm';
import { OWN_PREFIX, type ImagedColumn, type ImagePair, type ImagingShape } from './imaging-shape.js';
import { namesOneRow } from './key-condition.js';
import type { Row, TrackedTable } from './tracked-table.js';
import type { WriteQuery, WriteResult } from './typeorm-internals.js';

/** What an UPDATE says of its rows. */
export interface ImagedRows {
  readonly pairs: readonly ImagePair[];
  /** Whether there are more than were changed: one of them got another key in the same instant. */
  readonly incomplete: boolean;
}

/** Around the statement's own condition, and before what it returns for TypeORM. */
const [BEGIN, END, RETURNING] = ['/*webhooks_begin*/', ' /*webhooks_end*/', '/*webhooks_returning*/'];

/**
 * Makes one UPDATE of PostgreSQL do all that capture needs of it: it locks its rows in the order of their keys, and
 * returns them as they were, as they are, and what they refer to.
 */
export class ImagingUpdate {
  private shape: ImagingShape;
  /** What the rows may differ in afterwards. */
  private changing: readonly ImagedColumn[] = [];
  private isOne = false;
  private ownReturning = '';

  /**
   * @param shapes - `plain` without, `related` with the rows of declared references
   * @param maxRows - it changes nothing when there are more
   */
  constructor(
    private readonly query: WriteQuery,
    private readonly table: TrackedTable,
    private readonly shapes: { readonly plain: ImagingShape; readonly related: ImagingShape },
    private readonly maxRows: number,
  ) {
    this.shape = shapes.plain;
  }

  /** Whether it changes one row at most, by its key. Known when its SQL is. */
  get changesOne(): boolean {
    return this.isOne;
  }

  /** Runs the statement; its result is as if it had been TypeORM's own. */
  async execute(execute: () => Promise<WriteResult>): Promise<{ result: WriteResult; rows: ImagedRows }> {
    const { query } = this;
    const { getQuery, createWhereExpression, createReturningExpression } = query;
    query.createWhereExpression = () => BEGIN + createWhereExpression.call(query) + END;
    query.createReturningExpression = (type) => {
      this.ownReturning = createReturningExpression.call(query, type);
      return RETURNING + this.ownReturning;
    };
    query.getQuery = () => {
      this.readValues();
      return this.complete(getQuery.call(query));
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
    const names = changingNames(this.query, this.table);
    this.changing = this.shape.columns.filter(({ databaseName }) => names.has(databaseName));
    // What a changed reference points to is read later, as if this statement had not been.
    const keeps = this.table.plainReferences.every(({ joinColumns }) =>
      joinColumns.every(({ databaseName }) => !names.has(databaseName)),
    );
    this.shape = keeps ? this.shapes.related : this.shapes.plain;
  }

  /** Our own words are put in last: TypeORM would take them for names of properties. */
  private complete(text: string): string {
    const [begin, end, returning] = [BEGIN, END, RETURNING].map((mark) => text.indexOf(mark)) as [
      number,
      number,
      number,
    ];
    const own = text.slice(returning + RETURNING.length);
    const update = {
      head: text.slice(0, begin),
      where: text.slice(begin + BEGIN.length, end),
      returning: own === '' ? '' : `, ${own}`,
    };
    this.isOne = namesOneRow(update.where, this.shape.keyNames);
    return this.shape.complete(update, {
      changing: this.changing,
      maxRows: this.isOne ? undefined : this.maxRows,
    });
  }

  /** Takes what is ours out of the result. */
  private take(result: WriteResult): ImagedRows {
    const raw = result.raw as Record<string, unknown>[];
    const rows: readonly Row[] = this.isOne ? raw : this.shape.ordered(raw);
    const pairs = rows.map((row) => this.shape.pair(row, this.changing));
    const incomplete = this.shape.misses(raw);
    if (this.ownReturning === '') {
      result.raw = [];
      result.generatedMaps?.splice(0);
    } else {
      for (const row of raw) {
        for (const name of Object.keys(row)) if (name.startsWith(OWN_PREFIX)) delete row[name];
      }
    }
    return { pairs, incomplete };
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
