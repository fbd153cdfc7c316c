import type { ObjectLiteral, QueryRunner } from 'typeorm';
import type { CaptureTools } from './capture-tools.js';
import { CaptureError } from './capture-error.js';
import { requireExactTimes } from './exact-keys.js';
import { readRows } from './read-rows.js';
import { storedKeys } from './stored-keys.js';
import type { Key, TrackedTable } from './tracked-table.js';
import type { WriteQuery, WriteResult } from './typeorm-internals.js';

/** Numbers that one INSERT has given to its rows. */
interface NumberRun {
  readonly first: number;
  readonly count: number;
  readonly step: number;
  /** Whether others may have been given numbers in between, had the count not been known before. */
  readonly interleaved: boolean;
}

/** Works out the keys of inserted rows where the database cannot return them. */
export class ComputedKeys {
  private readonly given: (Key | undefined)[];
  /** Whether the keys are numbers of which only the first is told. */
  private readonly counts: boolean;

  /**
   * @param rows - which of the values' keys are wanted, by their places; all unless given
   * @throws WebhooksError `WEBHOOKS_WRITE_UNCAPTURED` when only some of the rows would be given numbers,
   * `WEBHOOKS_KEY_INEXACT` for a time that the database would round
   */
  constructor(
    private readonly tools: CaptureTools,
    private readonly table: TrackedTable,
    private readonly query: WriteQuery,
    private readonly rows: readonly number[] = query.getValueSets().map((_, index) => index),
  ) {
    // Before TypeORM writes generated values into the objects: SQLite's are wrong for all but the last of several.
    this.given = query.getValueSets().map((values) => table.keyOfEntity(values));
    requireExactTimes(tools.dataSource, table, this.given);
    const { updateEntity, onIgnore } = query.expressionMap;
    const isOne = this.given.length === 1 && updateEntity && !onIgnore;
    const numbered = this.isNumbered() ? rows.filter((index) => this.given[index] === undefined) : [];
    this.counts = numbered.length > 0 && !isOne;
    if (this.counts && numbered.length < this.given.length) throw mixed(table);
  }

  /**
   * The keys of the wanted rows, as the database holds them.
   *
   * @throws WebhooksError `WEBHOOKS_CAPTURE_FAILED` when a key is an SQL expression
   */
  async after(runner: QueryRunner, result: WriteResult): Promise<readonly Key[]> {
    if (this.counts) {
      const numbers = await this.numbers(runner, result);
      // Where rows were left out, the numbers of the others need not follow each other.
      if (numbers.count > 0 && numbers.count < this.given.length) throw untold(this.table);
      return keysOf(numbers);
    }
    const values = this.query.getValueSets();
    const keys = this.rows.map((index) => {
      const key = this.given[index];
      const told = isValues(key) ? key : this.generated(values[index] ?? {}, index);
      if (isValues(told)) return told;
      throw untold(this.table);
    });
    return storedKeys(this.tools, runner, this.table, keys);
  }

  /** Keys of an INSERT from a SELECT: a run of numbers, as one statement takes them. */
  async ofRun(runner: QueryRunner, result: WriteResult): Promise<Key[] | undefined> {
    if (!this.isNumbered()) return undefined;
    const numbers = await this.numbers(runner, result);
    return numbers.interleaved ? undefined : keysOf(numbers);
  }

  private isNumbered(): boolean {
    const [column, ...others] = this.table.keyColumns;
    return others.length === 0 && column?.isGenerated === true && column.generationStrategy === 'increment';
  }

  private generated(values: ObjectLiteral, index: number): Key | undefined {
    const generated = this.query.expressionMap.locallyGenerated[index];
    return this.table.keyOfEntity(generated === undefined ? values : { ...values, ...generated });
  }

  private async numbers(runner: QueryRunner, { raw }: WriteResult): Promise<NumberRun> {
    if (this.tools.dialect.name === 'sqlite') {
      const [row] = await readRows(runner, 'SELECT last_insert_rowid() AS last, changes() AS count');
      const count = Number(row?.['count']);
      return { first: Number(row?.['last']) - count + 1, count, step: 1, interleaved: false };
    }
    const { insertId: first, affectedRows: count } = raw as { insertId: number; affectedRows: number };
    if (count <= 1) return { first, count, step: 1, interleaved: false };
    // Clusters count in steps, which may change while they run.
    const [row] = await readRows(
      runner,
      'SELECT @@auto_increment_increment AS step, @@innodb_autoinc_lock_mode AS mode',
    );
    return { first, count, step: Number(row?.['step']), interleaved: Number(row?.['mode']) > 1 };
  }
}

function keysOf({ first, count, step }: NumberRun): Key[] {
  return Array.from({ length: count }, (_, index) => [first + index * step]);
}

/** Whether a key is there, and none of it an SQL expression. */
function isValues(key: Key | undefined): key is Key {
  return key?.every((part) => typeof part !== 'function') === true;
}

function untold({ root }: TrackedTable): CaptureError {
  return new CaptureError(
    'WEBHOOKS_CAPTURE_FAILED',
    `A row of ${root.name} was inserted, but this database does not tell its primary key, so that no event can be ` +
      'written. Give the key as a value, or let TypeORM generate it.',
  );
}

function mixed({ root }: TrackedTable): CaptureError {
  return new CaptureError(
    'WEBHOOKS_WRITE_UNCAPTURED',
    `An INSERT would let the database number some of its rows of ${root.name} and not others, of which it would not tell ` +
      'the numbers, so that it was not run. Insert those with a key, or with a value in a unique column, by another statement.',
  );
}
