import type { EntityMetadata, QueryRunner } from 'typeorm';
import { CaptureError } from './capture-error.js';
import type { CaptureTools } from './capture-tools.js';
import { executeTellingSql } from './rendered-sql.js';
import { rootOf } from './tracked-schema.js';
import { onlyReads, statementShape, writtenTables, type WrittenTable } from './sql-statements.js';
import type { WriteQuery } from './typeorm-internals.js';

/** Shapes that are remembered at most; beyond that the log may repeat itself. */
const MAX_SHAPES = 1_000;
/** Texts whose tables are remembered at most, and how long each may be: builders write the same ones again and again. */
const [MAX_TEXTS, MAX_TEXT_LENGTH] = [500, 4_000];

/** Notices writes of watched tables that no part of capture has seen: raw SQL, TRUNCATE. */
export class UncapturedWrites {
  private readonly tables = new Map<string, EntityMetadata[]>();
  private readonly allowed = new WeakMap<QueryRunner, Set<string>>();
  private readonly recorded = new WeakMap<QueryRunner, Set<EntityMetadata>>();
  private readonly reported = new Set<string>();
  private readonly texts = new Map<string, readonly WrittenTable[]>();

  constructor(private readonly tools: CaptureTools) {
    for (const metadata of tools.dataSource.entityMetadatas) {
      const isOurs = tools.schema.table(metadata) !== undefined || tools.schema.ownersOf(metadata).length > 0;
      if (!isOurs || rootOf(metadata) !== metadata) continue;
      const name = metadata.tableName.toLowerCase();
      this.tables.set(name, [...(this.tables.get(name) ?? []), metadata]);
    }
  }

  /** Runs a statement of a query builder, whose SQL is then not reported. */
  async allow<Result>(
    runner: QueryRunner,
    query: WriteQuery,
    execute: () => Promise<Result>,
  ): Promise<Result> {
    // Only its own write is captured.
    this.report(runner, query.createCteExpression());
    const texts = this.allowed.get(runner) ?? new Set<string>();
    this.allowed.set(runner, texts);
    let own: string | undefined;
    try {
      return await executeTellingSql(query, (sql) => texts.add((own = sql)), execute);
    } finally {
      if (own !== undefined) texts.delete(own);
    }
  }

  /** Runs raw SQL whose effect on a table is captured by other means. */
  async recording<Result>(
    runner: QueryRunner,
    metadata: EntityMetadata,
    fn: () => Promise<Result>,
  ): Promise<Result> {
    const recorded = this.recorded.get(runner) ?? new Set<EntityMetadata>();
    this.recorded.set(runner, recorded.add(metadata));
    try {
      return await fn();
    } finally {
      recorded.delete(metadata);
    }
  }

  /**
   * Looks at SQL that is about to run.
   *
   * @throws WebhooksError `WEBHOOKS_WRITE_UNCAPTURED` when the options refuse such writes, `WEBHOOKS_CAPTURE_FAILED` for a
   * captured one whose transaction has ended meanwhile
   */
  inspect(runner: QueryRunner, sql: string): void {
    if (this.allowed.get(runner)?.has(sql) === true) {
      if (this.tools.journals.find(runner)?.isClosed === false) return;
      throw late();
    }
    this.report(runner, sql);
  }

  /** Says which watched tables SQL writes whose effect nobody captures. */
  private report(runner: QueryRunner, sql: string): void {
    if (sql === '' || this.tools.options.uncaptured === 'ignore' || onlyReads(sql)) return;
    for (const { schema, table } of this.writtenTables(sql)) {
      for (const metadata of this.tables.get(table) ?? []) {
        const same =
          schema === undefined || metadata.schema === undefined || metadata.schema.toLowerCase() === schema;
        if (same && this.isWatched(metadata) && this.recorded.get(runner)?.has(metadata) !== true)
          this.reportWrite(metadata, sql);
      }
    }
  }

  private writtenTables(sql: string): readonly WrittenTable[] {
    const known = this.texts.get(sql);
    if (known !== undefined) return known;
    const written = writtenTables(sql, this.tools.dialect.name);
    if (written.length > 0 && sql.length <= MAX_TEXT_LENGTH) {
      if (this.texts.size >= MAX_TEXTS) this.texts.clear();
      this.texts.set(sql, written);
    }
    return written;
  }

  private isWatched(metadata: EntityMetadata): boolean {
    const { schema, watch } = this.tools;
    return (
      watch.watches(schema.table(metadata)) ||
      schema.ownersOf(metadata).some(({ table }) => watch.watches(table))
    );
  }

  private reportWrite({ name }: EntityMetadata, sql: string): void {
    const shape = statementShape(sql, this.tools.dialect.name);
    const message =
      `A statement writes ${name} without TypeORM's query builders, so that its changes make no events: ${shape}. ` +
      'Wrap it in record(), or use the repository.';
    if (this.tools.options.uncaptured === 'refuse')
      throw new CaptureError('WEBHOOKS_WRITE_UNCAPTURED', message);
    if (this.reported.has(shape)) return;
    if (this.reported.size >= MAX_SHAPES) this.reported.clear();
    this.reported.add(shape);
    this.tools.logger.warn(message);
  }
}

function late(): CaptureError {
  return new CaptureError(
    'WEBHOOKS_CAPTURE_FAILED',
    'A write was not run: its transaction ended before it was sent, so that it would be without its event. Await every ' +
      'write before the transaction ends.',
  );
}
