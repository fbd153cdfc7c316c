import { AsyncLocalStorage } from 'node:async_hooks';
import type { QueryRunner } from 'typeorm';
import { transactionDepth } from './typeorm-internals.js';

/** Starts a transaction. @returns to be called when it has ended */
export type StartTransaction = (runner: QueryRunner) => Promise<() => void>;

/** {@link StartTransaction} of any database. */
export async function startTransaction(runner: QueryRunner): Promise<() => void> {
  await runner.startTransaction();
  return () => undefined;
}

interface OwnTransaction {
  readonly runner: QueryRunner;
  readonly ended: Promise<void>;
}

/** One a process: Node keeps every storage that was ever used, and each costs on every promise. */
const current = new AsyncLocalStorage<OwnTransaction>();

/**
 * Gives a write a transaction when its caller opened none, so that the change and its event commit together. Writes
 * that run side by side on one runner take turns: otherwise the second would join the transaction of the first.
 */
export class OwnTransactions {
  private readonly open = new WeakMap<QueryRunner, OwnTransaction>();

  /**
   * @param start - starts a transaction, and gives what is to be called when it has ended
   * @param isExact - whether a runner's `isTransactionActive` speaks for the running code only
   */
  constructor(
    private readonly start: StartTransaction,
    private readonly isExact: boolean,
  ) {}

  async run<Result>(runner: QueryRunner, fn: () => Promise<Result>): Promise<Result> {
    if (this.isExact && runner.isTransactionActive) return fn();
    for (;;) {
      const open = this.open.get(runner);
      if (open === undefined) break;
      if (current.getStore() === open) return fn();
      await open.ended;
    }
    if (runner.isTransactionActive) return fn();
    const end = new EndOfTransaction();
    const own = { runner, ended: end.reached };
    this.open.set(runner, own);
    try {
      return await current.run(own, () => this.transact(runner, fn));
    } finally {
      this.open.delete(runner);
      end.reach();
    }
  }

  private async begin(runner: QueryRunner): Promise<() => void> {
    try {
      return await this.start(runner);
    } catch (error) {
      // A hook has thrown when it was started already.
      if (transactionDepth(runner) > 0) await rollBack(runner);
      throw error;
    }
  }

  private async transact<Result>(runner: QueryRunner, fn: () => Promise<Result>): Promise<Result> {
    const leave = await this.begin(runner);
    try {
      const result = await fn();
      await runner.commitTransaction();
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await rollBack(runner);
      throw error;
    } finally {
      leave();
    }
  }
}

/** After an error that says what went wrong; a rollback that fails as well adds nothing to it. */
async function rollBack(runner: QueryRunner): Promise<void> {
  await runner.rollbackTransaction().catch(() => undefined);
}

class EndOfTransaction {
  reach!: () => void;
  readonly reached = new Promise<void>((resolve) => {
    this.reach = resolve;
  });
}
