import type { EntityMetadata, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { WebhookEventName } from '../common/events.js';
import type { LockPurpose } from './capture-dialect.js';
import { CaptureError } from './capture-error.js';
import type { CaptureTools } from './capture-tools.js';
import type { DatabaseCascades } from './database-cascades.js';
import { isHidden } from '../tracking/entity-members.js';
import { keyChanges, rowsAfter, setColumns } from './key-change.js';
import type { ImagingUpdates } from './imaging-updates.js';
import { briefColumns, type PreImages } from './pre-images.js';
import type { RowLimit } from './row-limit.js';
import { narrowToKeys } from './statement-rows.js';
import type { Row, TrackedTable } from './tracked-table.js';
import type { WriteQuery, WriteResult } from './typeorm-internals.js';

/** Captures UPDATE, DELETE, soft deletion and restoration: statements that change rows which exist. */
export class ChangeStatements {
  constructor(
    private readonly tools: CaptureTools,
    private readonly preImages: PreImages,
    private readonly cascades: DatabaseCascades,
    private readonly rowLimit: RowLimit,
    private readonly imaging: ImagingUpdates,
  ) {}

  /** Executes the statement with what it changes noted. */
  async execute(
    runner: QueryRunner,
    query: WriteQuery,
    metadata: EntityMetadata,
    execute: () => Promise<WriteResult>,
  ): Promise<WriteResult> {
    const table = this.tools.schema.table(metadata);
    if (table === undefined || !this.tellsItself(runner, query, table)) {
      const noted = await this.before(runner, query, metadata);
      return this.executeNoted(runner, metadata, noted, execute);
    }
    const { result, count } = await this.imaging.execute(runner, query, table, execute);
    if (count > 0) return result;
    const noted = await this.beforeRows(runner, query, table);
    return noted.count === 0 ? result : this.executeNoted(runner, table.root, noted, execute);
  }

  /** Executes a statement that must change nothing but what is noted. */
  private async executeNoted(
    runner: QueryRunner,
    { name }: EntityMetadata,
    { count, isNamed }: NotedRows,
    execute: () => Promise<WriteResult>,
  ): Promise<WriteResult> {
    const journal = this.tools.journals.of(runner);
    const { begun } = journal.writes;
    const result = await execute();
    // What a hook of the statement has written in between is noted, and may match as well.
    const isExact = isNamed || journal.writes.begun !== begun;
    if (isExact || (result.affected ?? 0) <= count) return result;
    const error = unseen(name);
    journal.fail(error);
    throw error;
  }

  /** Notes what the statement will change and makes it change no more than that. */
  private async before(runner: QueryRunner, query: WriteQuery, metadata: EntityMetadata): Promise<NotedRows> {
    const { queryType } = query.expressionMap;
    const { schema, watch } = this.tools;
    if (metadata.isJunction) return this.beforeJunction(runner, query, metadata);
    const table = schema.table(metadata);
    const deletes = queryType === 'delete';
    if (watch.watches(table)) {
      const reaches = this.cascades.concernStatement(query, metadata);
      return reaches || deletes || !this.isKnown(runner, table, query)
        ? this.beforeRows(runner, query, table)
        : ANY_ROWS;
    }
    return deletes || queryType === 'update' ? this.beforeUntracked(runner, query, metadata) : ANY_ROWS;
  }

  private async beforeRows(runner: QueryRunner, query: WriteQuery, table: TrackedTable): Promise<NotedRows> {
    const { queryType } = query.expressionMap;
    const lock = this.lockOf(query, table.root);
    const rows = await this.rowLimit.rows((limit) =>
      this.tools.reader.rowsOfStatement(runner, query, { select: table.columns, lock, limit }),
    );
    if (rows === undefined) return this.beforeTooMany(runner, query, table);
    this.preImages.touchRows(runner, table, rows);
    if (queryType === 'delete') {
      await this.preImages.noteLeaving(runner, table, rows);
      await this.cascades.beforeDelete(runner, table.root, rows);
    } else if (queryType === 'soft-delete') {
      await this.preImages.loadLeaving(runner, table, rows);
    } else if (queryType === 'update') {
      await this.beforeUpdate(runner, query, table, rows);
    }
    return this.narrow(query, table.root, rows);
  }

  /** Whether nothing need be read for a statement: it changes only rows of its table, and says how. */
  private tellsItself(runner: QueryRunner, query: WriteQuery, table: TrackedTable): boolean {
    return (
      this.imaging.suit(query, table) &&
      this.tools.watch.watches(table) &&
      !this.isKnown(runner, table, query) &&
      !this.cascades.concernStatement(query, table.root) &&
      !setColumns(query, table.root).some(({ isPrimary }) => isPrimary)
    );
  }

  /** An UPDATE that gives new primary keys makes new objects of old ones, and takes their dependents along. */
  private async beforeUpdate(
    runner: QueryRunner,
    query: WriteQuery,
    table: TrackedTable,
    rows: readonly Row[],
  ): Promise<void> {
    const { root, keyColumns } = table;
    const changed = setColumns(query, root);
    const renames = keyColumns.some((column) => changed.includes(column));
    const cascades = this.cascades.concernKeys(root, changed);
    if (!renames && !cascades) return;
    if (renames) await this.preImages.noteLeaving(runner, table, rows);
    const columns = this.cascades.keysAmong(root, changed);
    const after = await rowsAfter(this.tools, runner, { query, metadata: root, rows, columns });
    if (cascades) await this.cascades.beforeKeyChange(runner, root, { rows, after, columns });
    if (renames) this.tools.journals.of(runner).rename(table, keyChanges(table, rows, after));
  }

  /** Rows of a join table that go: their owners change. */
  private async beforeJunction(
    runner: QueryRunner,
    query: WriteQuery,
    junction: EntityMetadata,
  ): Promise<NotedRows> {
    const owners = this.tools.schema
      .ownersOf(junction)
      .filter(({ table }) => this.tools.watch.watches(table));
    if (owners.length === 0) return ANY_ROWS;
    const rows = await this.rowLimit.rows((limit) =>
      this.tools.reader.rowsOfStatement(runner, query, { select: junction.columns, lock: 'reread', limit }),
    );
    if (rows === undefined) {
      this.rowLimit.tellsKeys(junction, false);
      return ANY_ROWS;
    }
    for (const owner of owners) await this.preImages.touchOwners(runner, owner, rows);
    return this.narrow(query, junction, rows);
  }

  /** Rows of an entity that did not opt in, but takes others with it, by its deletion or by a new key. */
  private async beforeUntracked(
    runner: QueryRunner,
    query: WriteQuery,
    metadata: EntityMetadata,
  ): Promise<NotedRows> {
    if (!this.cascades.concernStatement(query, metadata)) return ANY_ROWS;
    const select = metadata.columns.filter((column) => !column.isVirtualProperty);
    const rows = await this.rowLimit.rows((limit) =>
      this.tools.reader.rowsOfStatement(runner, query, { select, lock: 'delete', limit }),
    );
    if (rows === undefined) {
      this.rowLimit.tellsKeys(metadata, false);
      return ANY_ROWS;
    }
    if (query.expressionMap.queryType === 'delete') {
      await this.cascades.beforeDelete(runner, metadata, rows);
    } else {
      const columns = this.cascades.keysAmong(metadata, setColumns(query, metadata));
      const after = await rowsAfter(this.tools, runner, { query, metadata, rows, columns });
      await this.cascades.beforeKeyChange(runner, metadata, { rows, after, columns });
    }
    return this.narrow(query, metadata, rows);
  }

  private async beforeTooMany(
    runner: QueryRunner,
    query: WriteQuery,
    table: TrackedTable,
  ): Promise<NotedRows> {
    const { root } = table;
    const { queryType } = query.expressionMap;
    const columns = queryType === 'update' ? setColumns(query, root) : [];
    const isTold =
      !this.cascades.concernStatement(query, root) &&
      !columns.some(({ isPrimary, isDeleteDate }) => isPrimary || isDeleteDate);
    if (!this.rowLimit.tellsKeys(root, isTold)) return ANY_ROWS;
    const rows = await this.tools.reader.rowsOfStatement(runner, query, {
      select: briefColumns(table),
      lock: this.lockOf(query, root),
    });
    const changed = queryType === 'update' ? shownNames(root, columns) : [];
    const event = EVENT_OF[queryType] ?? 'update';
    // A change of hidden properties alone is no event.
    if (event !== 'update' || changed.length > 0) {
      this.preImages.touchBriefly(runner, table, rows, { event, changed });
    }
    return this.narrow(query, root, rows);
  }

  private narrow(query: WriteQuery, metadata: EntityMetadata, rows: readonly Row[]): NotedRows {
    const keys = rows.map((row) => metadata.primaryColumns.map(({ databaseName }) => row[databaseName]));
    return { count: rows.length, isNamed: narrowToKeys(query, metadata, keys, this.tools.dialect) };
  }

  /** A deletion, or a new key for which others have theirs, must not miss whoever begins to refer to the rows. */
  private lockOf(query: WriteQuery, metadata: EntityMetadata): LockPurpose {
    return query.expressionMap.queryType === 'delete' || this.cascades.concernStatement(query, metadata)
      ? 'delete'
      : 'change';
  }

  /** Whether the rows of a statement about given entities are noted and locked already. */
  private isKnown(runner: QueryRunner, table: TrackedTable, query: WriteQuery): boolean {
    const { whereEntities } = query.expressionMap;
    const journal = this.tools.journals.of(runner);
    return (
      whereEntities.length > 0 &&
      whereEntities.every((entity) => {
        const key = table.keyOfEntity(entity);
        return key !== undefined && journal.has(table, key);
      })
    );
  }
}

/** The rows that a statement may change. */
interface NotedRows {
  readonly count: number;
  /** Whether the statement names them, so that it changes no others. */
  readonly isNamed: boolean;
}

/** Of statements that change nothing which is captured, or nothing but what is noted already. */
const ANY_ROWS: NotedRows = { count: Number.POSITIVE_INFINITY, isNamed: false };

function unseen(name: string): CaptureError {
  return new CaptureError(
    'WEBHOOKS_CAPTURE_FAILED',
    `A statement changed rows of ${name} that another transaction had made match in the same instant, and whose events ` +
      'would be missing. Run the transaction again.',
  );
}

const EVENT_OF: Readonly<Record<string, WebhookEventName>> = {
  update: 'update',
  delete: 'delete',
  'soft-delete': 'delete',
  restore: 'create',
};

/** The properties that an UPDATE of these columns changes, with those that TypeORM sets itself. */
function shownNames(metadata: EntityMetadata, columns: readonly ColumnMetadata[]): string[] {
  const paths = metadata.columns
    .filter((column) => columns.includes(column) || column.isUpdateDate || column.isVersion)
    .map(({ propertyPath }) => propertyPath.split('.'))
    .filter((path) => !isHidden(metadata, path));
  return [...new Set(paths.map(([name]) => name as string))];
}
