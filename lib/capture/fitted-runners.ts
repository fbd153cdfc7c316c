import type { DataSource, QueryRunner } from 'typeorm';
import type { SingleWriterTurns } from './single-writer-turns.js';
import { transactionDepth, type RunnerInternals } from './typeorm-internals.js';

/** What happens on a query runner that capture must know of. */
export interface RunnerEvents {
  /** Before SQL is sent; what it throws keeps the SQL from running. */
  beforeQuery(runner: QueryRunner, sql: string): void;
  /** The outermost transaction is about to commit, after the application's own hooks. */
  beforeCommit(runner: QueryRunner): Promise<void>;
  /** A savepoint was released into the transaction or savepoint at `depth`. */
  released(runner: QueryRunner, depth: number): void;
  /** The transaction was rolled back to `depth`; zero is all of it. */
  rolledBack(runner: QueryRunner, depth: number): void;
  /** The outermost transaction has committed. */
  committed(runner: QueryRunner): void;
  /** A transaction cannot be committed. @returns the error that says why */
  commitFailed(runner: QueryRunner, error: unknown): Promise<unknown>;
  /** The runner's connection goes back to the pool. */
  beforeRelease(runner: QueryRunner): Promise<void>;
}

const TRANSACTION_EVENTS: ReadonlySet<string> = new Set([
  'BeforeTransactionCommit',
  'AfterTransactionCommit',
  'AfterTransactionRollback',
]);

/**
 * Attaches to every query runner that a data source hands out. Not a subscriber: those run side by side with the
 * application's, which may still write when capture has already looked.
 */
export class FittedRunners {
  private readonly fitted = new WeakSet<QueryRunner>();
  private active = false;
  private own: DataSource['createQueryRunner'] | undefined;
  /** The data source's own method, where somebody has given it one. */
  private before: PropertyDescriptor | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly events: RunnerEvents,
    private readonly turns: SingleWriterTurns | undefined,
  ) {}

  install(): void {
    this.active = true;
    this.before = Object.getOwnPropertyDescriptor(this.dataSource, 'createQueryRunner');
    const create = this.dataSource.createQueryRunner.bind(this.dataSource);
    this.own = (mode) => this.fit(create(mode));
    this.dataSource.createQueryRunner = this.own;
  }

  uninstall(): void {
    this.active = false;
    this.turns?.stop();
    // What somebody else has put around it since then stays; it does nothing any more.
    if (this.dataSource.createQueryRunner !== this.own) return;
    if (this.before) Object.defineProperty(this.dataSource, 'createQueryRunner', this.before);
    else Reflect.deleteProperty(this.dataSource, 'createQueryRunner');
  }

  private fit(runner: QueryRunner): QueryRunner {
    // SQLite hands out the same runner every time.
    if (this.fitted.has(runner)) return runner;
    this.fitted.add(runner);
    this.fitBroadcaster(runner);
    this.turns?.fit(runner);
    const commit = runner.commitTransaction.bind(runner);
    runner.commitTransaction = async () => {
      try {
        await commit();
      } catch (error) {
        throw this.active ? await this.events.commitFailed(runner, error) : error;
      }
    };
    const release = runner.release.bind(runner);
    runner.release = async () => {
      if (this.active) await this.events.beforeRelease(runner);
      await release();
    };
    return runner;
  }

  private fitBroadcaster(runner: QueryRunner): void {
    const { broadcaster } = runner as unknown as RunnerInternals;
    // By its own method, which `broadcast()` calls too: not every driver goes through that one.
    const broadcastBeforeQuery = broadcaster.broadcastBeforeQueryEvent.bind(broadcaster);
    broadcaster.broadcastBeforeQueryEvent = (result, sql, parameters) => {
      if (this.active) this.events.beforeQuery(runner, sql);
      broadcastBeforeQuery(result, sql, parameters);
    };
    const broadcast = broadcaster.broadcast.bind(broadcaster);
    const transaction = async (event: string, values: unknown[]): Promise<void> => {
      // First, so that a hook of the application that throws leaves nothing behind.
      if (event === 'AfterTransactionRollback') this.events.rolledBack(runner, transactionDepth(runner));
      if (event === 'AfterTransactionCommit') this.afterCommit(runner);
      await broadcast(event, ...values);
      if (event === 'BeforeTransactionCommit' && transactionDepth(runner) === 1)
        await this.events.beforeCommit(runner);
    };
    // Most events are those of queries, which need not wait once more.
    broadcaster.broadcast = (event, ...values) =>
      this.active && TRANSACTION_EVENTS.has(event) ? transaction(event, values) : broadcast(event, ...values);
  }

  private afterCommit(runner: QueryRunner): void {
    const depth = transactionDepth(runner);
    if (depth > 0) this.events.released(runner, depth);
    else this.events.committed(runner);
  }
}
