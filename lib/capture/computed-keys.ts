import type { ObjectLiteral, QueryRunner } from 'typeorm';
import type { CaptureTools } from './capture-tools.js';
import { CaptureError } from './capture-error.js';
import { readRows } from './read-rows.js';
import type { Key, TrackedTable } from './tracked-table.js';
import type { WriteQuery, WriteResult } from './typeorm-internals.js';

/** Works out the keys of inserted rows where the database cannot return them. */
export class ComputedKeys {
  private readonly given: (Key | undefined)[];

  constructor(
    private readonly tools: CaptureTools,
    private readonly table: TrackedTable,
    private readonly query: WriteQuery,
  ) {
    // Before TypeORM writes generated values into the objects: SQLite's are wrong for all but the last of several.
    this.given = query.getValueSets().map((values) => table.keyOfEntity(values));
  }

  /**
   * The keys, in the order of the values.
   *
   * @throws WebhooksError `WEBHOOKS_CAPTURE_FAILED` when a key is an SQL expression
   */
  async after(runner: QueryRunner, result: WriteResult): Promise<Key[]> {
    if (this.given.every((key) => key !== undefined && !key.some((part) => typeof part === 'function'))) {
      return this.given as Key[];
    }
    const isOne = this.given.length === 1 && this.query.expressionMap.updateEntity;
    const counted = !isOne && this.given.every((key) => key === undefined) && this.isCounted();
    const first = counted ? await this.firstNumber(runner, result, this.given.length) : undefined;
    return this.query.getValueSets().map((values, index) => {
      const key = first === undefined ? this.generated(values, index) : [first + index];
      if (key !== undefined && !key.some((part) => typeof part === 'function')) return key;
      throw new CaptureError(
        'WEBHOOKS_CAPTURE_FAILED',
        `A row of ${this.table.root.name} was inserted, but this database does not tell its primary key, so that no ` +
          'event can be written. Give the key as a value, or let TypeORM generate it.',
      );
    });
  }

  /** Keys of an INSERT from a SELECT: a run of numbers, as one statement takes them. */
  async ofRun(runner: QueryRunner, result: WriteResult): Promise<Key[] | undefined> {
    if (!this.isCounted()) return undefined;
    if (this.tools.dialect.name === 'sqlite') {
      const [row] = await readRows(runner, 'SELECT last_insert_rowid() AS last, changes() AS count');
      const count = Number(row?.['count']);
      return run(Number(row?.['last']) - count + 1, count);
    }
    const [mode] = await readRows(runner, 'SELECT @@innodb_autoinc_lock_mode AS mode');
    if (Number(mode?.['mode']) > 1) return undefined;
    const { insertId, affectedRows } = result.raw as { insertId: number; affectedRows: number };
    return run(insertId, affectedRows);
  }

  private isCounted(): boolean {
    const [column, ...others] = this.table.keyColumns;
    return others.length === 0 && column?.isGenerated === true && column.generationStrategy === 'increment';
  }

  private generated(values: ObjectLiteral, index: number): Key | undefined {
    const generated = this.query.expressionMap.locallyGenerated[index];
    return this.table.keyOfEntity(generated === undefined ? values : { ...values, ...generated });
  }

  private async firstNumber(runner: QueryRunner, { raw }: WriteResult, count: number): Promise<number> {
    if (this.tools.dialect.name === 'mysql') return (raw as { insertId: number }).insertId;
    const [row] = await readRows(runner, 'SELECT last_insert_rowid() AS last');
    return Number(row?.['last']) - count + 1;
  }
}

function run(first: number, count: number): Key[] {
  return Array.from({ length: count }, (_, index) => [first + index]);
}
