import type { EntityMetadata, QueryRunner } from 'typeorm';
import type { CaptureTools } from './capture-tools.js';
import type { RowQuery } from './image-reader.js';
import type { PreImages } from './pre-images.js';
import type { RowLimit } from './row-limit.js';
import { rootOf, type Dependency } from './tracked-schema.js';
import type { Row } from './tracked-table.js';

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
      .some(({ dependent, key }) => changes(key.onDelete) && this.leadsTo(dependent, key.onDelete, further));
  }

  /** Notes what goes, or loses its reference, with these rows. */
  async beforeDelete(
    runner: QueryRunner,
    metadata: EntityMetadata,
    rows: readonly Row[],
    seen: ReadonlySet<string> = new Set(),
  ): Promise<void> {
    if (rows.length === 0) return;
    for (const dependency of this.tools.schema.dependenciesOf(metadata)) {
      const { dependent, key } = dependency;
      if (this.isOwnLink(metadata, dependency)) continue;
      if (!changes(key.onDelete) || !this.leadsTo(dependent, key.onDelete, new Set([rootOf(metadata)])))
        continue;
      const cascades = key.onDelete === 'CASCADE';
      const found = await this.touchDependents(runner, dependency, rows, cascades);
      const fresh = found.filter((row) => !seen.has(rowText(dependent, row)));
      if (cascades) {
        const further = new Set([...seen, ...fresh.map((row) => rowText(dependent, row))]);
        await this.beforeDelete(runner, dependent, fresh, further);
      }
    }
  }

  /** Notes what refers to these rows by columns that are about to change. */
  async beforeKeyChange(runner: QueryRunner, metadata: EntityMetadata, rows: readonly Row[]): Promise<void> {
    for (const dependency of this.tools.schema.dependenciesOf(metadata)) {
      const { dependent, key } = dependency;
      if (rows.length > 0 && changes(key.onUpdate) && this.leadsTo(dependent, key.onUpdate, new Set())) {
        await this.touchDependents(runner, dependency, rows, false);
      }
    }
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
    const found = await this.rowLimit.rows(dependent, (limit) =>
      reader.rows(runner, dependent, { ...query, limit }),
    );
    if (found === undefined) return this.touchBriefly(runner, dependent, query, leave);
    if (watch.watches(table)) {
      this.preImages.touchRows(runner, table, found);
      if (leave) await this.preImages.noteLeaving(runner, table, found);
    }
    for (const owner of schema.ownersOf(dependent)) {
      if (watch.watches(owner.table)) await this.preImages.touchOwners(runner, owner, found);
    }
    return found;
  }

  /** Too many dependents to hold: which they are, if the options ask for that. */
  private async touchBriefly(
    runner: QueryRunner,
    dependent: EntityMetadata,
    query: RowQuery,
    leave: boolean,
  ): Promise<Row[]> {
    const table = this.tools.schema.table(dependent);
    if (this.tools.options.overMaxRows !== 'keys' || !this.tools.watch.watches(table)) return [];
    const select = table.columns.filter((column) => column.isPrimary || column.isDiscriminator);
    const rows = await this.tools.reader.rows(runner, dependent, { ...query, select });
    this.preImages.touchBriefly(runner, table, rows, { event: leave ? 'delete' : 'update', changed: [] });
    return [];
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
    seen: ReadonlySet<EntityMetadata>,
  ): boolean {
    const { schema, watch } = this.tools;
    return (
      watch.watches(schema.table(dependent)) ||
      schema.ownersOf(dependent).some(({ table }) => watch.watches(table)) ||
      (action === 'CASCADE' && this.concern(dependent, seen))
    );
  }
}

function changes(action: string | undefined): boolean {
  return action === 'CASCADE' || action === 'SET NULL' || action === 'SET DEFAULT';
}

function rowText(metadata: EntityMetadata, row: Row): string {
  return `${metadata.tablePath} ${JSON.stringify(metadata.primaryColumns.map(({ databaseName }) => String(row[databaseName])))}`;
}
