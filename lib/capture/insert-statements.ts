import type { EntityMetadata, QueryRunner } from 'typeorm';
import { CaptureError } from './capture-error.js';
import type { CaptureTools } from './capture-tools.js';
import { CollidingRows } from './colliding-rows.js';
import { ComputedKeys } from './computed-keys.js';
import { NO_LINKS } from './image.js';
import { cannotReturnSystemColumns, withInserted } from './partitioned-rows.js';
import type { PreImages } from './pre-images.js';
import { readRows } from './read-rows.js';
import { executeReturningRows, type WrittenRow } from './returned-rows.js';
import type { RowLimit } from './row-limit.js';
import type { Key, TrackedTable } from './tracked-table.js';
import { writtenEntity, type WriteQuery, type WriteResult } from './typeorm-internals.js';
import { executeNotedAfter } from './unfinished-statement.js';

type Execute = () => Promise<WriteResult>;

const SAVEPOINT = 'webhooks_upsert';
/** Each further attempt needs another process to insert the same key in the same instant. */
const UPSERT_ATTEMPTS = 5;

/** Captures INSERT in all its forms: of values, from a SELECT, ignoring or updating what is there. */
export class InsertStatements {
  private readonly partitioned = new WeakSet<TrackedTable>();

  constructor(
    private readonly tools: CaptureTools,
    private readonly preImages: PreImages,
    private readonly rowLimit: RowLimit,
  ) {}

  /** Executes the statement and notes what it inserts and changes. */
  async execute(
    runner: QueryRunner,
    query: WriteQuery,
    table: TrackedTable,
    run: Execute,
  ): Promise<WriteResult> {
    const { onIgnore, onUpdate, insertFromSelect } = query.expressionMap;
    const execute = () => executeNotedAfter(this.tools.journals.of(runner), query, run);
    if (insertFromSelect && onUpdate) throw refused(table.root);
    if (this.tools.dialect.returning) return this.executeReturning(runner, query, table, execute);
    if (insertFromSelect) return this.executeFromSelect(runner, query, table, execute);
    if (onIgnore || onUpdate) return this.executeColliding(runner, query, table, execute);
    const keys = new ComputedKeys(this.tools, table, query);
    const result = await execute();
    return this.after(runner, result, async () =>
      this.touchCreated(runner, table, await keys.after(runner, result)),
    );
  }

  /** Notes the owners to which rows of a join table are about to be added. */
  async beforeJunction(runner: QueryRunner, query: WriteQuery, junction: EntityMetadata): Promise<void> {
    const owners = this.tools.schema
      .ownersOf(junction)
      .filter(({ table }) => this.tools.watch.watches(table));
    if (owners.length > 0 && query.expressionMap.insertFromSelect) throw refused(junction);
    const rows = query
      .getValueSets()
      .map((values) =>
        Object.fromEntries(
          junction.columns.map((column) => [column.databaseName, column.getEntityValue(values) as unknown]),
        ),
      );
    for (const owner of owners) await this.preImages.touchOwners(runner, owner, rows);
  }

  private async executeReturning(
    runner: QueryRunner,
    query: WriteQuery,
    table: TrackedTable,
    execute: Execute,
  ) {
    const { onUpdate, insertFromSelect } = query.expressionMap;
    if (onUpdate) return this.executeUpsert(runner, query, table, execute);
    const journal = this.tools.journals.of(runner);
    const sent = journal.statements;
    // Of a SELECT nobody knows how many rows there are, and with lists of others they are read again anyhow.
    const tells = table.tellsRows && table.manyToMany.length === 0 && insertFromSelect === undefined;
    const columns = tells ? table.columns : table.keyColumns;
    const { result, written } = await executeReturningRows(query, columns, { execute });
    return this.after(runner, result, () => {
      const keys = written.map(({ row }) => table.keyOf(row));
      if (insertFromSelect) this.touchSelected(runner, query, table, keys);
      else this.touchCreated(runner, table, keys);
      if (!tells) return;
      const images = written.map(({ row }) => ({ row, links: NO_LINKS }));
      journal.noteFinals(table, images, sent);
    });
  }

  /**
   * What is there is locked and read first. What is not there cannot be locked: should another transaction insert it
   * in between, the statement is undone and tried again.
   */
  private async executeUpsert(runner: QueryRunner, query: WriteQuery, table: TrackedTable, execute: Execute) {
    const { dialect } = this.tools;
    const colliding = new CollidingRows(this.tools, table, query);
    const verifies = dialect.name === 'postgres';
    for (let attempt = 1; ; attempt += 1) {
      const rows = await this.touchColliding(runner, query, table, colliding);
      const known = new Set(rows.map((row) => table.keyText(table.keyOf(row))));
      const guarded = verifies && known.size < query.getValueSets().length;
      if (guarded) await runner.query(`SAVEPOINT ${SAVEPOINT}`);
      const { result, written } = await this.upsert(runner, query, table, { guarded, execute });
      const renamed = overwritesKey(query, table)
        ? colliding.renamed(rows, await colliding.read(runner, 'reread'))
        : [];
      for (const { to } of renamed) known.add(table.keyText(to));
      const missed = written.some(
        ({ row, inserted }) => inserted === false && !known.has(table.keyText(table.keyOf(row))),
      );
      if (missed && guarded && attempt < UPSERT_ATTEMPTS) {
        await runner.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
        continue;
      }
      if (guarded) await runner.query(`RELEASE SAVEPOINT ${SAVEPOINT}`);
      return this.after(runner, result, () => {
        if (missed) throw unseen(table);
        this.tools.journals.of(runner).rename(table, renamed);
        this.touchCreated(
          runner,
          table,
          written.map(({ row }) => table.keyOf(row)),
        );
      });
    }
  }

  /** Where rows may be missed, also finds out which were there before: PostgreSQL tells, of partitioned tables later. */
  private async upsert(
    runner: QueryRunner,
    query: WriteQuery,
    table: TrackedTable,
    { guarded, execute }: { guarded: boolean; execute: Execute },
  ): Promise<{ result: WriteResult; written: WrittenRow[] }> {
    const returning = (verifies: boolean) =>
      executeReturningRows(query, table.keyColumns, { verifies, execute });
    if (!guarded) return returning(false);
    if (!this.partitioned.has(table)) {
      try {
        return await returning(true);
      } catch (error) {
        if (!cannotReturnSystemColumns(error)) throw error;
        this.partitioned.add(table);
        await runner.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
      }
    }
    const { result, written } = await returning(false);
    return { result, written: await withInserted(this.tools, runner, table, written) };
  }

  /** Notes the rows that an upsert will change, and what they lose if it changes their keys as well. */
  private async touchColliding(
    runner: QueryRunner,
    query: WriteQuery,
    table: TrackedTable,
    colliding: CollidingRows,
  ) {
    const rows = await colliding.read(runner, 'change');
    if (!query.expressionMap.onUpdate) return rows;
    this.preImages.touchRows(runner, table, rows);
    if (overwritesKey(query, table)) await this.preImages.noteLeaving(runner, table, rows);
    return rows;
  }

  private async executeColliding(
    runner: QueryRunner,
    query: WriteQuery,
    table: TrackedTable,
    execute: Execute,
  ) {
    const colliding = new CollidingRows(this.tools, table, query);
    const keys = new ComputedKeys(this.tools, table, query, await colliding.uncovered(runner));
    const rows = await this.touchColliding(runner, query, table, colliding);
    const known = new Set(rows.map((row) => table.keyText(table.keyOf(row))));
    const result = await execute();
    return this.after(runner, result, async () => {
      const now = await colliding.read(runner, 'reread');
      this.tools.journals.of(runner).rename(table, colliding.renamed(rows, now));
      const fresh = now.map((row) => table.keyOf(row)).filter((key) => !known.has(table.keyText(key)));
      this.touchCreated(runner, table, [...fresh, ...(await keys.after(runner, result))]);
    });
  }

  private async executeFromSelect(
    runner: QueryRunner,
    query: WriteQuery,
    table: TrackedTable,
    execute: Execute,
  ) {
    const { onIgnore, onUpdate } = query.expressionMap;
    const keys = new ComputedKeys(this.tools, table, query);
    const selected = onIgnore || onUpdate ? undefined : await this.selectedKeys(runner, query, table);
    const result = await execute();
    return this.after(runner, result, async () => {
      const created = selected ?? (onIgnore || onUpdate ? undefined : await keys.ofRun(runner, result));
      if (created === undefined) throw unknownKeys(table);
      this.touchSelected(runner, query, table, created);
    });
  }

  /** The keys that a SELECT will insert, when it names them. */
  private async selectedKeys(
    runner: QueryRunner,
    query: WriteQuery,
    table: TrackedTable,
  ): Promise<Key[] | undefined> {
    const { insertColumns, insertFromSelect } = query.expressionMap;
    const positions = table.keyColumns.map(({ propertyPath }) => insertColumns.indexOf(propertyPath));
    if (positions.some((position) => position < 0)) return undefined;
    const [text, parameters] = (insertFromSelect as WriteQuery).getQueryAndParameters();
    const rows = await readRows(runner, text + this.tools.dialect.junctionLock, parameters);
    return rows.map((row) => positions.map((position) => Object.values(row)[position]));
  }

  /** Notes rows of an INSERT from a SELECT, of which only now is known how many they are. */
  private touchSelected(
    runner: QueryRunner,
    query: WriteQuery,
    table: TrackedTable,
    keys: readonly Key[],
  ): void {
    if (this.rowLimit.allows(keys.length)) this.touchCreated(runner, table, keys);
    else if (this.rowLimit.tellsKeys(table.root, true)) {
      const rows = keys.map((key) => table.rowOf(key, writtenEntity(query)));
      this.preImages.touchBriefly(runner, table, rows, { event: 'create', changed: [] });
    }
  }

  private touchCreated(runner: QueryRunner, table: TrackedTable, keys: readonly Key[]): void {
    const journal = this.tools.journals.of(runner);
    for (const key of keys) journal.touch(table, key, null);
  }

  /** What fails after the statement has run leaves a change without its event: the transaction must not commit. */
  private async after(
    runner: QueryRunner,
    result: WriteResult,
    note: () => void | Promise<void>,
  ): Promise<WriteResult> {
    try {
      await note();
      return result;
    } catch (error) {
      this.tools.journals.of(runner).fail(error);
      throw error;
    }
  }
}

/** Whether an upsert by another unique key may give rows a new primary key. */
function overwritesKey({ expressionMap: { onUpdate } }: WriteQuery, { keyColumns }: TrackedTable): boolean {
  const decides = (name: string) => onUpdate?.conflict?.includes(name) ?? false;
  return keyColumns.some(
    ({ databaseName }) => (onUpdate?.overwrite?.includes(databaseName) ?? false) && !decides(databaseName),
  );
}

function unseen({ root }: TrackedTable): CaptureError {
  return new CaptureError(
    'WEBHOOKS_CAPTURE_FAILED',
    `An INSERT changed a row of ${root.name} that another transaction inserted in the same instant, so that its ` +
      'state before is not known. Run the transaction again.',
  );
}

function refused({ name }: EntityMetadata): CaptureError {
  return new CaptureError(
    'WEBHOOKS_WRITE_UNCAPTURED',
    `An INSERT from a SELECT into ${name} would change rows that cannot be known before, so that it was not run. ` +
      'Insert the rows as values, or use record() with raw SQL.',
  );
}

function unknownKeys({ root }: TrackedTable): CaptureError {
  return new CaptureError(
    'WEBHOOKS_CAPTURE_FAILED',
    `An INSERT from a SELECT added rows of ${root.name}, and this database does not tell their primary keys. Select ` +
      'the keys as well, insert the rows as values, or use record().',
  );
}
