import type { EntityMetadata, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { CaptureTools } from './capture-tools.js';
import type { RowQuery } from './image-reader.js';
import { keyChanges, setColumns } from './key-change.js';
import { briefColumns, type PreImages } from './pre-images.js';
import type { RowLimit } from './row-limit.js';
import { rootOf, type Dependency } from './tracked-schema.js';
import { keyValuesText, type Row } from './tracked-table.js';
import type { WriteQuery } from './typeorm-internals.js';

/** Rows of which some columns change, before and after. */
export interface KeyedRows {
  readonly rows: readonly Row[];
  /** In the same order. */
  readonly after: readonly Row[];
  readonly columns: readonly ColumnMetadata[];
}

/** Notes what the database itself changes when rows are deleted or re-keyed, as far as metadata knows. */
export class DatabaseCascades {
  constructor(
    private readonly tools: CaptureTools,
    private readonly preImages: PreImages,
    private readonly rowLimit: RowLimit,
  ) {}

  /** Whether deleting rows of this entity may change watched objects through constraints. */
  concern(metadata: EntityMetadata, seen: ReadonlySet<EntityMetadata> = new Set()): boolean {
    const root = rootOf(metadata);
    if (seen.has(root)) return false;
    const further = new Set([...seen, root]);
    return this.tools.schema
      .dependenciesOf(root)
      .some(
        (dependency) =>
          !this.isOwnLink(root, dependency) &&
          changes(dependency.key.onDelete) &&
          this.leadsTo(dependency.dependent, dependency.key.onDelete, further),
      );
  }

  /** Whether new values in these columns may change watched objects through constraints. */
  concernKeys(
    metadata: EntityMetadata,
    changed: readonly ColumnMetadata[],
    seen: ReadonlySet<Dependency> = new Set(),
  ): boolean {
    return this.keyDependencies(metadata, changed).some((dependency) => {
      const { dependent, key } = dependency;
      if (seen.has(dependency)) return false;
      return (
        this.isWatched(dependent) ||
        (key.onUpdate === 'CASCADE' &&
          this.concernKeys(dependent, key.columns, new Set([...seen, dependency])))
      );
    });
  }

  /** Whether a statement about this entity may change watched objects of others through constraints. */
  concernStatement(query: WriteQuery, metadata: EntityMetadata): boolean {
    const { queryType } = query.expressionMap;
    if (queryType === 'delete') return this.concern(metadata);
    return (
      queryType === 'update' &&
      this.concernKeys(metadata, metadata.columns) &&
      this.concernKeys(metadata, setColumns(query, metadata))
    );
  }

  /** Those of the columns that rows of others, or events, know a row by. */
  keysAmong(metadata: EntityMetadata, columns: readonly ColumnMetadata[]): ColumnMetadata[] {
    return columns.filter(
      (column) => column.isPrimary || this.keyDependencies(metadata, [column]).length > 0,
    );
  }

  /** Notes what goes, or loses its reference, with these rows. */
  async beforeDelete(
    runner: QueryRunner,
    metadata: EntityMetadata,
    rows: readonly Row[],
    seen: ReadonlySet<string> = new Set(rows.map((row) => rowText(metadata, row))),
  ): Promise<void> {
    if (rows.length === 0) return;
    for (const dependency of this.tools.schema.dependenciesOf(metadata)) {
      const { dependent, key } = dependency;
      if (this.isOwnLink(metadata, dependency)) continue;
      if (!changes(key.onDelete) || !this.leadsTo(dependent, key.onDelete)) continue;
      const cascades = key.onDelete === 'CASCADE';
      const found = await this.touchDependents(runner, dependency, rows, cascades);
      const fresh = found.filter((row) => !seen.has(rowText(dependent, row)));
      if (cascades) {
        const further = new Set([...seen, ...fresh.map((row) => rowText(dependent, row))]);
        await this.beforeDelete(runner, dependent, fresh, further);
      }
    }
  }

  /** Notes what refers to these rows by columns that are about to change, and gets other keys itself by that. */
  async beforeKeyChange(
    runner: QueryRunner,
    metadata: EntityMetadata,
    { rows, after, columns }: KeyedRows,
    seen: ReadonlySet<Dependency> = new Set(),
  ): Promise<void> {
    for (const dependency of this.keyDependencies(metadata, columns)) {
      const { dependent, key } = dependency;
      const leads = this.isWatched(dependent) || this.concernKeys(dependent, key.columns);
      if (seen.has(dependency) || !leads) continue;
      const values = newValues(dependency, rows, after);
      const moved = rows.filter((row) => values.has(referencedText(dependency, row)));
      if (moved.length === 0) continue;
      const renames = key.columns.some(({ isPrimary }) => isPrimary);
      const found = await this.touchDependents(runner, dependency, moved, renames);
      const changed = found.map((row) => ({ ...row, ...values.get(referringText(dependency, row)) }));
      const table = this.tools.schema.table(dependent);
      if (renames && this.tools.watch.watches(table)) {
        this.tools.journals.of(runner).rename(table, keyChanges(table, found, changed));
      }
      if (key.onUpdate === 'CASCADE') {
        const further = { rows: found, after: changed, columns: key.columns };
        await this.beforeKeyChange(runner, dependent, further, new Set([...seen, dependency]));
      }
    }
  }

  /** Constraints by which new values in these columns change other rows. */
  private keyDependencies(metadata: EntityMetadata, columns: readonly ColumnMetadata[]): Dependency[] {
    return this.tools.schema
      .dependenciesOf(metadata)
      .filter(
        ({ key }) =>
          changes(key.onUpdate) &&
          key.referencedColumns.some(({ databaseName }) =>
            columns.some((column) => column.databaseName === databaseName),
          ),
      );
  }

  private async touchDependents(
    runner: QueryRunner,
    { dependent, key }: Dependency,
    rows: readonly Row[],
    leave: boolean,
  ): Promise<Row[]> {
    const { schema, watch, reader } = this.tools;
    const table = schema.table(dependent);
    const lock = dependent.isJunction ? 'reread' : leave ? 'delete' : 'change';
    const select = dependent.columns.filter((column) => !column.isVirtualProperty);
    const among = rows.map((row) => key.referencedColumns.map(({ databaseName }) => row[databaseName]));
    const query = { select, where: key.columns, among, lock } as const;
    const found = await this.rowLimit.rows((limit) => reader.rows(runner, dependent, { ...query, limit }));
    if (found === undefined) {
      await this.touchBriefly(runner, { dependent, key }, query, leave);
      return [];
    }
    if (watch.watches(table)) {
      this.preImages.touchRows(runner, table, found);
      if (leave) await this.preImages.noteLeaving(runner, table, found);
    }
    for (const owner of schema.ownersOf(dependent)) {
      if (watch.watches(owner.table)) await this.preImages.touchOwners(runner, owner, found);
    }
    return found;
  }

  /** Too many dependents to hold: which they are, if the options ask for that and it is all there is to tell. */
  private async touchBriefly(
    runner: QueryRunner,
    { dependent, key }: Dependency,
    query: RowQuery,
    leave: boolean,
  ): Promise<void> {
    const table = this.tools.schema.table(dependent);
    const isTold =
      this.tools.watch.watches(table) &&
      !key.columns.some(({ isPrimary }) => isPrimary) &&
      !(leave ? this.concern(dependent) : this.concernKeys(dependent, key.columns));
    if (!this.rowLimit.tellsKeys(dependent, isTold) || table === undefined) return;
    const rows = await this.tools.reader.rows(runner, dependent, { ...query, select: briefColumns(table) });
    this.preImages.touchBriefly(runner, table, rows, { event: leave ? 'delete' : 'update', changed: [] });
  }

  /** Whether these are the links of the deleted rows themselves, which leave with them. */
  private isOwnLink(metadata: EntityMetadata, { dependent, key }: Dependency): boolean {
    const owners = this.tools.schema.ownersOf(dependent);
    return (
      owners.length > 0 &&
      owners.every(
        ({ table, columns }) =>
          table.root === rootOf(metadata) && columns.every((column, index) => column === key.columns[index]),
      )
    );
  }

  private leadsTo(
    dependent: EntityMetadata,
    action: string | undefined,
    seen?: ReadonlySet<EntityMetadata>,
  ): boolean {
    return this.isWatched(dependent) || (action === 'CASCADE' && this.concern(dependent, seen));
  }

  private isWatched(dependent: EntityMetadata): boolean {
    const { schema, watch } = this.tools;
    return (
      watch.watches(schema.table(dependent)) ||
      schema.ownersOf(dependent).some(({ table }) => watch.watches(table))
    );
  }
}

function changes(action: string | undefined): boolean {
  return action === 'CASCADE' || action === 'SET NULL' || action === 'SET DEFAULT';
}

/** What the referring columns become, by what they are, for rows whose referenced columns change. */
function newValues(dependency: Dependency, rows: readonly Row[], after: readonly Row[]): Map<string, Row> {
  const { columns, referencedColumns, onUpdate } = dependency.key;
  const values = new Map<string, Row>();
  rows.forEach((row, index) => {
    const changed = after[index] ?? row;
    const text = referencedText(dependency, row);
    if (text === referencedText(dependency, changed)) return;
    const entries = columns.map(({ databaseName }, position) => [
      databaseName,
      onUpdate === 'CASCADE' ? changed[referencedColumns[position]?.databaseName ?? ''] : null,
    ]);
    values.set(text, Object.fromEntries(entries) as Row);
  });
  return values;
}

function referencedText({ key }: Dependency, row: Row): string {
  return keyValuesText(key.referencedColumns.map(({ databaseName }) => row[databaseName]));
}

function referringText({ key }: Dependency, row: Row): string {
  return keyValuesText(key.columns.map(({ databaseName }) => row[databaseName]));
}

function rowText({ tablePath, primaryColumns }: EntityMetadata, row: Row): string {
  return `${tablePath} ${keyValuesText(primaryColumns.map(({ databaseName }) => row[databaseName]))}`;
}
