import type { EntityMetadata, QueryRunner } from 'typeorm';
import type { CaptureTools } from './capture-tools.js';
import type { OwnTransactions } from './own-transactions.js';
import type { PersistenceSubjects } from './persistence-subjects.js';
import { rootOf } from './tracked-schema.js';
import type { PersistenceExecutor } from './typeorm-internals.js';

/**
 * Follows TypeORM's executor of `save()` and `remove()` through its phases. Within a phase only the executor writes,
 * by the keys of its subjects: statements about tables whose subjects are all noted need no reading of their own.
 */
export class PersistencePhases {
  private readonly noted = new WeakMap<QueryRunner, ReadonlySet<EntityMetadata>>();
  private readonly trees = new WeakSet<QueryRunner>();
  private readonly begun = new WeakSet<PersistenceExecutor>();

  constructor(
    private readonly tools: CaptureTools,
    private readonly transactions: OwnTransactions,
    private readonly subjects: PersistenceSubjects,
  ) {}

  /** Runs the whole executor, in a transaction of its own if the caller has forgone one. */
  async execute(executor: PersistenceExecutor, run: () => Promise<void>): Promise<void> {
    return this.subjects.concern(executor) ? this.transactions.run(executor.queryRunner, run) : run();
  }

  /** Runs one phase; everything that all phases will change is noted before the first. */
  phase(executor: PersistenceExecutor, run: () => Promise<void>): Promise<void> {
    if (this.subjects.concern(executor)) return this.concernedPhase(executor, run);
    // Most of the time, and five times a `save()`: nothing may be added.
    return concernsTree(executor) ? this.within(executor, new Set(), run) : run();
  }

  /** Whether a phase is running that writes trees: TypeORM does so with raw SQL of its own, also when nothing is captured. */
  writesTree(runner: QueryRunner): boolean {
    return this.trees.has(runner);
  }

  /** Whether everything that the running phase changes in this table is noted. */
  covers(runner: QueryRunner, metadata: EntityMetadata): boolean {
    return this.noted.get(runner)?.has(rootOf(metadata)) ?? false;
  }

  private async concernedPhase(executor: PersistenceExecutor, run: () => Promise<void>): Promise<void> {
    if (!executor.queryRunner.isTransactionActive) return this.within(executor, new Set(), run);
    if (!this.begun.has(executor)) await this.subjects.before(executor);
    this.begun.add(executor);
    return this.within(executor, this.notedTables(executor), run);
  }

  private async within(
    executor: PersistenceExecutor,
    noted: ReadonlySet<EntityMetadata>,
    run: () => Promise<void>,
  ): Promise<void> {
    const { queryRunner } = executor;
    this.noted.set(queryRunner, noted);
    if (concernsTree(executor)) this.trees.add(queryRunner);
    try {
      await run();
    } finally {
      this.noted.delete(queryRunner);
      this.trees.delete(queryRunner);
    }
  }

  private notedTables({ queryRunner, allSubjects }: PersistenceExecutor): Set<EntityMetadata> {
    const journal = this.tools.journals.find(queryRunner);
    const noted = new Set(allSubjects.map(({ metadata }) => rootOf(metadata)));
    for (const subject of allSubjects) {
      const root = rootOf(subject.metadata);
      if (subject.mustBeInserted || root.isJunction) continue;
      const table = this.tools.schema.table(root);
      const key = table?.keyOfEntity(subject.identifier);
      const changes =
        subject.mustBeUpdated ||
        subject.mustBeRemoved ||
        subject.mustBeSoftRemoved ||
        subject.mustBeRecovered;
      const isNoted = !changes || (key !== undefined && table !== undefined && journal?.has(table, key));
      if (table === undefined || !isNoted || this.subjects.reachesOthers(subject)) noted.delete(root);
    }
    return noted;
  }
}

function concernsTree({ allSubjects }: PersistenceExecutor): boolean {
  return allSubjects.some(({ metadata }) => metadata.treeType !== undefined);
}
