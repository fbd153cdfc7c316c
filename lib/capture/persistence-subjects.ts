import type { EntityMetadata, QueryRunner } from 'typeorm';
import type { CaptureTools } from './capture-tools.js';
import type { DatabaseCascades } from './database-cascades.js';
import type { ImagingUpdates } from './imaging-updates.js';
import type { PreImages } from './pre-images.js';
import { rowsBefore } from './journal.js';
import { rootOf, type JunctionOwner } from './tracked-schema.js';
import type { Key, Row, TrackedTable } from './tracked-table.js';
import type { PersistenceExecutor, Subject } from './typeorm-internals.js';

/**
 * Reads the pre-images of everything one `save()` or `remove()` is about to change: one statement an entity instead
 * of one an object.
 */
export class PersistenceSubjects {
  constructor(
    private readonly tools: CaptureTools,
    private readonly preImages: PreImages,
    private readonly cascades: DatabaseCascades,
    private readonly imaging: ImagingUpdates,
  ) {}

  /** Whether the executor may change watched objects, so that its statements belong into one transaction. */
  concern({ allSubjects }: PersistenceExecutor): boolean {
    const { schema, watch } = this.tools;
    return allSubjects.some(
      (subject) =>
        isPending(subject) &&
        (watch.watches(schema.table(subject.metadata)) ||
          schema.ownersOf(subject.metadata).some(({ table }) => watch.watches(table)) ||
          (subject.mustBeRemoved && this.cascades.concern(subject.metadata))),
    );
  }

  /** Whether the UPDATE of this subject changes others through constraints, which only that statement can tell. */
  reachesOthers({ metadata, mustBeUpdated, changeMaps }: Subject): boolean {
    if (!mustBeUpdated || !this.cascades.concernKeys(metadata, metadata.columns)) return false;
    const columns = changeMaps.flatMap(({ column, relation }) =>
      column === undefined ? (relation?.joinColumns ?? []) : [column],
    );
    return this.cascades.concernKeys(metadata, columns);
  }

  /** Notes what the executor will change. */
  async before({ queryRunner, allSubjects }: PersistenceExecutor): Promise<void> {
    const pending = allSubjects.filter(isPending);
    if (this.tellsItself(pending)) return;
    for (const [root, subjects] of byRoot(pending)) {
      const table = this.tools.schema.table(root);
      const removed = subjects.filter(({ mustBeRemoved }) => mustBeRemoved);
      if (root.isJunction) await this.beforeJunction(queryRunner, root, removed);
      else if (this.tools.watch.watches(table)) await this.beforeTable(queryRunner, table, subjects, removed);
    }
  }

  private async beforeTable(
    runner: QueryRunner,
    table: TrackedTable,
    subjects: readonly Subject[],
    removed: readonly Subject[],
  ): Promise<void> {
    const changed = subjects.filter((subject) => !subject.mustBeRemoved && !subject.mustBeInserted);
    await this.preImages.touchKeys(runner, table, keysOf(table, changed), 'change');
    await this.preImages.touchKeys(runner, table, keysOf(table, removed), 'delete');
    const softRemoved = this.notedRows(
      runner,
      table,
      subjects.filter(({ mustBeSoftRemoved }) => mustBeSoftRemoved),
    );
    if (softRemoved.length > 0) await this.preImages.loadLeaving(runner, table, softRemoved);
    const rows = this.notedRows(runner, table, removed);
    if (rows.length === 0) return;
    await this.preImages.noteLeaving(runner, table, rows);
    await this.cascades.beforeDelete(runner, table.root, rows);
  }

  /**
   * Whether all that changes is one object, by an UPDATE that says how. For several objects one statement that reads them
   * all costs less.
   */
  private tellsItself([subject, ...others]: readonly Subject[]): boolean {
    if (subject === undefined || others.length > 0 || !subject.mustBeUpdated) return false;
    const table = this.tools.schema.table(subject.metadata);
    return (
      table !== undefined &&
      this.imaging.suitTable(table) &&
      !subject.mustBeSoftRemoved &&
      !subject.mustBeRecovered &&
      !this.reachesOthers(subject)
    );
  }

  private async beforeJunction(
    runner: QueryRunner,
    junction: EntityMetadata,
    removed: readonly Subject[],
  ): Promise<void> {
    const rows = removed.map(({ identifier = {} }) =>
      Object.fromEntries(
        junction.columns.map((column) => [column.databaseName, column.getEntityValue(identifier) as unknown]),
      ),
    );
    const watched = ({ table }: JunctionOwner) => this.tools.watch.watches(table);
    if (rows.length === 0) return;
    for (const owner of this.tools.schema.ownersOf(junction).filter(watched)) {
      await this.preImages.touchOwners(runner, owner, rows);
    }
  }

  private notedRows(runner: QueryRunner, table: TrackedTable, subjects: readonly Subject[]): Row[] {
    const journal = this.tools.journals.of(runner);
    return keysOf(table, subjects).flatMap((key) => rowsBefore(journal.get(table, key)));
  }
}

function isPending(subject: Subject): boolean {
  return (
    subject.mustBeInserted ||
    subject.mustBeUpdated ||
    subject.mustBeRemoved ||
    subject.mustBeSoftRemoved ||
    subject.mustBeRecovered
  );
}

function keysOf(table: TrackedTable, subjects: readonly Subject[]): Key[] {
  return subjects.flatMap(({ identifier }) => {
    const key = table.keyOfEntity(identifier);
    return key === undefined ? [] : [key];
  });
}

function byRoot(subjects: readonly Subject[]): Map<EntityMetadata, Subject[]> {
  const groups = new Map<EntityMetadata, Subject[]>();
  for (const subject of subjects) {
    const root = rootOf(subject.metadata);
    groups.set(root, [...(groups.get(root) ?? []), subject]);
  }
  return groups;
}
