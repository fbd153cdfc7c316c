import type { EntityMetadata, QueryRunner } from 'typeorm';
import type { CaptureTools } from './capture-tools.js';
import type { ChangeStatements } from './change-statements.js';
import type { DatabaseCascades } from './database-cascades.js';
import type { InsertStatements } from './insert-statements.js';
import type { OwnTransactions } from './own-transactions.js';
import type { PersistencePhases } from './persistence-phases.js';
import type { SingleWriterTurns } from './single-writer-turns.js';
import type { Interceptor } from './statement-interception.js';
import {
  writtenEntity,
  type PersistenceExecutor,
  type WriteQuery,
  type WriteResult,
} from './typeorm-internals.js';
import type { UncapturedWrites } from './uncaptured-writes.js';

/** Sends each write to the part of capture that knows its kind, inside a transaction; others pass untouched. */
export class WriteInterceptor implements Interceptor {
  constructor(
    private readonly tools: CaptureTools,
    private readonly parts: {
      readonly changes: ChangeStatements;
      readonly inserts: InsertStatements;
      readonly cascades: DatabaseCascades;
      readonly phases: PersistencePhases;
      readonly transactions: OwnTransactions;
      readonly uncaptured: UncapturedWrites;
      readonly turns: SingleWriterTurns | undefined;
    },
  ) {}

  async statement(query: WriteQuery, execute: () => Promise<WriteResult>): Promise<WriteResult> {
    const metadata = writtenEntity(query);
    if (metadata === undefined || !this.concerns(query, metadata)) return execute();
    const given = query.queryRunner;
    // The builder may be executed again, and must then find the rows that match by then.
    const { wheres } = query.expressionMap;
    const runner = given ?? this.tools.dataSource.createQueryRunner();
    query.queryRunner = runner;
    try {
      const capture = () =>
        this.tools.journals.of(runner).during(() => this.capture(runner, query, metadata, execute));
      return await this.unit(() => this.parts.transactions.run(runner, capture));
    } finally {
      query.queryRunner = given;
      query.expressionMap.wheres = wheres;
      if (given === undefined) await runner.release();
    }
  }

  unit<Result>(execute: () => Promise<Result>): Promise<Result> {
    return this.parts.turns === undefined ? execute() : this.parts.turns.bounded(execute);
  }

  persistence(executor: PersistenceExecutor, execute: () => Promise<void>): Promise<void> {
    return this.parts.phases.execute(executor, execute);
  }

  phase(executor: PersistenceExecutor, execute: () => Promise<void>): Promise<void> {
    return this.parts.phases.phase(executor, execute);
  }

  private async capture(
    runner: QueryRunner,
    query: WriteQuery,
    metadata: EntityMetadata,
    execute: () => Promise<WriteResult>,
  ): Promise<WriteResult> {
    const run = () => this.parts.uncaptured.allow(runner, query, execute);
    if (query.expressionMap.queryType === 'insert') {
      const table = this.tools.schema.table(metadata);
      if (this.tools.watch.watches(table)) return this.parts.inserts.execute(runner, query, table, run);
      await this.parts.inserts.beforeJunction(runner, query, metadata);
    } else if (!this.isNoted(runner, query, metadata)) {
      return this.parts.changes.execute(runner, query, metadata, run);
    }
    return run();
  }

  /** Whether the running phase of a `save()` or `remove()` has noted all that this statement changes. */
  private isNoted(runner: QueryRunner, { expressionMap }: WriteQuery, metadata: EntityMetadata): boolean {
    const tracked = metadata.isJunction || this.tools.schema.table(metadata) !== undefined;
    return tracked && !expressionMap.callListeners && this.parts.phases.covers(runner, metadata);
  }

  /** Whether the statement can change a watched object; if not, it costs nothing. */
  private concerns(query: WriteQuery, metadata: EntityMetadata): boolean {
    const { schema, watch } = this.tools;
    const { queryType, valuesSet, insertFromSelect } = query.expressionMap;
    if (queryType === 'insert' && Array.isArray(valuesSet) && valuesSet.length === 0 && !insertFromSelect)
      return false;
    if (watch.watches(schema.table(metadata))) return true;
    if (schema.ownersOf(metadata).some(({ table }) => watch.watches(table))) return true;
    return this.parts.cascades.concernStatement(query, metadata);
  }
}
