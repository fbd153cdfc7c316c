import type { EntityManager, ObjectLiteral, QueryRunner } from 'typeorm';
import { CaptureError } from './capture-error.js';
import type { CaptureTools } from './capture-tools.js';
import type { DatabaseCascades } from './database-cascades.js';
import { rowsBefore } from './journal.js';
import type { OwnTransactions } from './own-transactions.js';
import type { PreImages } from './pre-images.js';
import type { Key, TrackedTable } from './tracked-table.js';
import type { EntityName } from './typeorm-internals.js';
import type { UncapturedWrites } from './uncaptured-writes.js';

/** Captures raw SQL around which the application puts the keys of what it changes. */
export class RecordedWrites {
  constructor(
    private readonly tools: CaptureTools,
    private readonly parts: {
      readonly preImages: PreImages;
      readonly cascades: DatabaseCascades;
      readonly transactions: OwnTransactions;
      readonly uncaptured: UncapturedWrites;
    },
  ) {}

  async record<Result>(
    entity: EntityName,
    ids: readonly (string | number | ObjectLiteral)[],
    { fn, manager }: { fn: (manager: EntityManager) => Promise<Result>; manager: EntityManager },
  ): Promise<Result> {
    const table = this.trackedTable(entity);
    const keys = ids.map((id) => this.key(table, id));
    const runner = manager.queryRunner ?? this.tools.dataSource.createQueryRunner();
    try {
      return await this.parts.transactions.run(runner, async () => {
        if (this.tools.watch.watches(table)) await this.before(runner, table, keys);
        try {
          return await this.parts.uncaptured.recording(runner, table.root, () => fn(runner.manager));
        } finally {
          // Also when it fails: what it has done before may be committed all the same.
          if (this.tools.watch.watches(table)) this.after(runner, table, keys);
        }
      });
    } finally {
      if (manager.queryRunner === undefined) await runner.release();
    }
  }

  /** What raw SQL will do is not known: everything is read that a change, a deletion or a cascade would need. */
  private async before(runner: QueryRunner, table: TrackedTable, keys: readonly Key[]): Promise<void> {
    const { preImages, cascades } = this.parts;
    await preImages.touchKeys(runner, table, keys, 'delete');
    const journal = this.tools.journals.of(runner);
    const rows = keys.flatMap((key) => rowsBefore(journal.get(table, key)));
    await preImages.noteLeaving(runner, table, rows);
    await cascades.beforeDelete(runner, table.root, rows);
  }

  /** Only now: an object that was not there, and that this transaction did not create, may be another's. */
  private after(runner: QueryRunner, table: TrackedTable, keys: readonly Key[]): void {
    const journal = this.tools.journals.of(runner);
    for (const key of keys) journal.touch(table, key, null);
  }

  private trackedTable(entity: EntityName): TrackedTable {
    const table = this.tools.schema.table(this.tools.dataSource.getMetadata(entity));
    if (table) return table;
    throw new CaptureError(
      'WEBHOOKS_ENTITY_UNTRACKED',
      `record() was given ${this.tools.dataSource.getMetadata(entity).name}, which makes no events. Put @WebhookEntity() on it.`,
    );
  }

  private key(table: TrackedTable, id: string | number | ObjectLiteral): Key {
    const key = table.keyOfEntity(table.root.ensureEntityIdMap(id));
    if (key) return key;
    throw new CaptureError(
      'WEBHOOKS_CAPTURE_FAILED',
      `record() was given an id of ${table.root.name} that is no primary key: ${JSON.stringify(id)}.`,
    );
  }
}
