import type { EntityMetadata, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { LockPurpose } from './capture-dialect.js';
import type { CaptureTools } from './capture-tools.js';
import { entityFromImage } from './entity-from-image.js';
import { NO_LINKS, withLinks, type Image } from './image.js';
import { rowsBefore, type BriefChange } from './journal.js';
import { loadRelatedObjects } from './related-objects.js';
import type { JunctionOwner } from './tracked-schema.js';
import type { Key, Row, TrackedTable } from './tracked-table.js';
import { transactionDepth } from './typeorm-internals.js';

/** Notes objects with their state, before a statement changes them. */
export class PreImages {
  constructor(private readonly tools: CaptureTools) {}

  /** Notes rows that have just been read and locked. */
  touchRows(runner: QueryRunner, table: TrackedTable, rows: readonly Row[]): void {
    const journal = this.tools.journals.of(runner);
    for (const row of rows) {
      const kind = table.kindOf(row);
      if (kind === undefined || !this.tools.watch.watchesKind(table, kind)) continue;
      journal.touch(table, table.keyOf(row), { row, links: NO_LINKS });
    }
  }

  /** Notes rows of which too many change to hold their state: {@link briefColumns} of them. */
  touchBriefly(runner: QueryRunner, table: TrackedTable, rows: readonly Row[], brief: BriefChange): void {
    const journal = this.tools.journals.of(runner);
    for (const row of rows) {
      const kind = table.kindOf(row);
      if (kind === undefined || !this.tools.watch.watchesKind(table, kind)) continue;
      // What is created was soft-deleted or not there at all, what is changed or deleted was there.
      if (wasThere(kind, row) === (brief.event === 'create')) continue;
      journal.touch(table, table.keyOf(row), { row, links: NO_LINKS }, brief);
    }
  }

  /** Locks, reads and notes objects by key; those noted already cost nothing. */
  async touchKeys(
    runner: QueryRunner,
    table: TrackedTable,
    keys: readonly Key[],
    lock: LockPurpose,
  ): Promise<void> {
    const journal = this.tools.journals.of(runner);
    const among = keys.filter((key) => !journal.has(table, key));
    if (among.length === 0) return;
    const query = { select: table.columns, where: table.keyColumns, among, lock };
    this.touchRows(runner, table, await this.tools.reader.rows(runner, table.root, query));
  }

  /** Notes the owners that rows of a join table refer to, and what their relation points to so far. */
  async touchOwners(runner: QueryRunner, owner: JunctionOwner, junctionRows: readonly Row[]): Promise<void> {
    const { table, relation, columns } = owner;
    const tuples = new Map<string, unknown[]>();
    for (const row of junctionRows) {
      const tuple = columns.map(({ databaseName }) => row[databaseName]);
      if (tuple.every((value) => value !== null && value !== undefined))
        tuples.set(JSON.stringify(tuple.map(String)), tuple);
    }
    const journal = this.tools.journals.of(runner);
    const byKey = columns.every((column, index) => column.referencedColumn === table.keyColumns[index]);
    const among = [...tuples.values()].filter((tuple) => !byKey || !journal.has(table, tuple));
    if (among.length > 0) {
      const where = columns.flatMap(({ referencedColumn }) => referencedColumn ?? []);
      const query = { select: table.columns, where, among, lock: 'change' as const };
      this.touchRows(runner, table, await this.tools.reader.rows(runner, table.root, query));
    }
    await this.readLinks(runner, table, relation.propertyPath);
  }

  /** Notes what goes with rows that are about to be deleted: their links and declared relations. */
  async noteLeaving(runner: QueryRunner, table: TrackedTable, rows: readonly Row[]): Promise<void> {
    for (const { propertyPath } of table.manyToMany) await this.readLinks(runner, table, propertyPath);
    await this.loadLeaving(runner, table, rows);
  }

  /** Loads the declared relations of rows that are about to leave, soft deletion included. */
  async loadLeaving(runner: QueryRunner, table: TrackedTable, rows: readonly Row[]): Promise<void> {
    const journal = this.tools.journals.of(runner);
    const kinds = new Map<EntityMetadata, Map<string, Image>>();
    for (const row of rows) {
      const kind = table.kindOf(row);
      const before = journal.get(table, table.keyOf(row))?.before;
      if (!before || kind === undefined || table.entityOf(kind).relations.length === 0) continue;
      const images = kinds.get(kind) ?? new Map<string, Image>();
      kinds.set(kind, images.set(table.keyText(table.keyOf(row)), before));
    }
    const depth = transactionDepth(runner);
    const { dataSource } = this.tools;
    for (const [kind, images] of kinds) {
      const related = await loadRelatedObjects(this.tools, runner, { table, kind, images });
      for (const [keyText, image] of images) {
        const object = journal.touched.get(keyText);
        const entity = entityFromImage(dataSource, kind, image, related(keyText, image));
        if (object) object.leaving = { entity, depth };
      }
    }
  }

  /** Reads a many-to-many relation of every noted object for which it is not yet known. */
  private async readLinks(runner: QueryRunner, table: TrackedTable, propertyPath: string): Promise<void> {
    const relation = table.manyToMany.find((candidate) => candidate.propertyPath === propertyPath);
    if (relation === undefined) return;
    const unread = [...this.tools.journals.of(runner).touched.values()].filter(
      (object) => object.table === table && object.before !== null && !object.before.links.has(propertyPath),
    );
    if (unread.length === 0) return;
    const rows = unread.flatMap(rowsBefore);
    const links = await this.tools.reader.links(runner, table, relation, rows);
    for (const object of unread)
      object.before = withLinks(object.before as Image, propertyPath, links.get(object.keyText));
  }
}

/** What must be known of rows whose state is not held: which they are, of which kind, and whether they are there. */
export function briefColumns({ columns }: TrackedTable): ColumnMetadata[] {
  return columns.filter((column) => column.isPrimary || column.isDiscriminator || column.isDeleteDate);
}

function wasThere({ deleteDateColumn }: EntityMetadata, row: Row): boolean | undefined {
  return deleteDateColumn && row[deleteDateColumn.databaseName] === null;
}
