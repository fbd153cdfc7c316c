import { QueryFailedError, type QueryRunner } from 'typeorm';
import type { CapturedEvent } from '../outbox/captured-event.js';
import type { NamedStatements } from '../postgres/named-statements.js';
import { isOfServer } from '../postgres/pg-client.js';
import type { Sending } from '../postgres/with-commit.js';
import { CaptureError } from './capture-error.js';
import type { CaptureTools } from './capture-tools.js';
import type { Journal } from './journal.js';
import { isTransient } from './transient-error.js';
import { TransactionEvents } from './transaction-events.js';

/** Stores events in the transaction that is given. */
export interface EventWriter {
  write(runner: QueryRunner, events: readonly CapturedEvent[]): Promise<void>;
  /** The same for the last events, of which some may be on their way until the COMMIT, which is sent next. */
  writeWithCommit?(
    runner: QueryRunner,
    events: readonly CapturedEvent[],
    statements: NamedStatements,
  ): Promise<Sending | undefined>;
}

/** Ends transactions: writes their events before the commit, signals after it, forgets what was rolled back. */
export class TransactionCommit {
  private readonly events: TransactionEvents;
  private readonly written = new WeakSet<QueryRunner>();
  private readonly sending = new WeakMap<QueryRunner, Sending>();

  constructor(
    private readonly tools: CaptureTools,
    private readonly out: { readonly writer: EventWriter; readonly signal: { notify(): void } },
  ) {
    this.events = new TransactionEvents(tools);
  }

  /**
   * Writes the net events of the transaction.
   *
   * @throws WebhooksError `WEBHOOKS_CAPTURE_FAILED`, or what a serializer or the database says: nothing is committed
   */
  async before(runner: QueryRunner): Promise<void> {
    const journal = this.tools.journals.find(runner);
    if (journal === undefined) return;
    if (journal.poison !== undefined) throw swallowed(journal.poison);
    const { begun, running } = journal.writes;
    if (running) throw unawaited();
    try {
      await this.writeEvents(runner, journal);
      if (journal.writes.begun !== begun) throw unawaited();
    } catch (error) {
      throw unwritten(error);
    }
  }

  /** What the caller is told when the COMMIT has failed: why, where that were the events on their way with it. */
  async failed(runner: QueryRunner, error: unknown): Promise<unknown> {
    const sending = this.sending.get(runner);
    if (sending === undefined) return error;
    this.sending.delete(runner);
    if (sending.cancel()) return error;
    return sending.done.then(
      () => error,
      (cause: unknown) => (isRefusal(cause) ? unwritten(cause) : error),
    );
  }

  released(runner: QueryRunner, depth: number): void {
    this.tools.journals.find(runner)?.released(depth);
  }

  rolledBack(runner: QueryRunner, depth: number): void {
    if (depth > 0) this.tools.journals.find(runner)?.rolledBack(depth);
    else this.end(runner);
  }

  /** Wakes whoever dispatches. Never throws: the commit has happened. */
  committed(runner: QueryRunner): void {
    const written = this.written.has(runner);
    this.end(runner);
    if (!written) return;
    try {
      this.out.signal.notify();
    } catch (error) {
      this.tools.logger.error(`A listener to commits failed: ${String(error)}. Events are found by polling.`);
    }
  }

  /** A connection must not go back to the pool with uncommitted changes on it, whose events would be lost. */
  async beforeRelease(runner: QueryRunner): Promise<void> {
    const isDirty = this.tools.journals.find(runner)?.isEmpty === false;
    // SQLite's one runner is released by everyone who used it.
    if (!isDirty || !runner.isTransactionActive || this.tools.dialect.singleConnection) return;
    this.tools.logger.warn('A query runner was released with an open transaction, which is rolled back.');
    this.end(runner);
    // Not level by level: after a deadlock the database has forgotten savepoints of which TypeORM still knows.
    await runner.query('ROLLBACK').catch((error: unknown) => {
      this.tools.logger.error(
        `The open transaction of a released query runner cannot be rolled back: ${String(error)}`,
      );
    });
  }

  /** The database writes one batch while the next one is made. */
  private async writeEvents(runner: QueryRunner, journal: Journal): Promise<void> {
    let writing: Promise<void> | undefined;
    try {
      for await (const { events, isLast } of this.events.of(runner, journal)) {
        await writing;
        this.written.add(runner);
        writing = isLast ? this.writeLast(runner, events) : this.out.writer.write(runner, events);
        // Awaited only when the next batch is there.
        writing.catch(() => undefined);
      }
    } finally {
      // What is being written ends before the transaction does.
      await writing?.catch(() => undefined);
    }
    await writing;
  }

  private async writeLast(runner: QueryRunner, events: readonly CapturedEvent[]): Promise<void> {
    const { writer } = this.out;
    if (writer.writeWithCommit === undefined) return writer.write(runner, events);
    const sending = await writer.writeWithCommit(runner, events, this.tools.statements);
    if (sending !== undefined) this.sending.set(runner, sending);
  }

  private end(runner: QueryRunner): void {
    this.tools.journals.end(runner);
    this.written.delete(runner);
    this.sending.get(runner)?.cancel();
    this.sending.delete(runner);
  }
}

/** Whether the server said no. When the connection broke instead, nobody knows what became of the COMMIT. */
function isRefusal(error: unknown): boolean {
  return error instanceof QueryFailedError && isOfServer(error.driverError);
}

function unwritten(error: unknown): unknown {
  if (error instanceof CaptureError || isTransient(error)) return error;
  return new CaptureError(
    'WEBHOOKS_CAPTURE_FAILED',
    `The events of this transaction cannot be written (${String(error)}), so that its changes are not committed ` +
      'either. The cause says what the database refused: check that the migrations of this library have run.',
    error,
  );
}

function swallowed(cause: unknown): CaptureError {
  return new CaptureError(
    'WEBHOOKS_CAPTURE_FAILED',
    `This transaction cannot commit: capturing one of its changes failed earlier (${String(cause)}), and the error was ` +
      'not passed on. Let errors leave the transaction, or use a nested transaction around what may fail.',
    cause,
  );
}

function unawaited(): CaptureError {
  return new CaptureError(
    'WEBHOOKS_CAPTURE_FAILED',
    'This transaction cannot commit: one of its writes still runs, and its event would come too late. Await every write ' +
      'before the transaction ends, those of subscribers as well.',
  );
}
