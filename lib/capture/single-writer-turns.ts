import { AsyncLocalStorage } from 'node:async_hooks';
import type { QueryRunner } from 'typeorm';
import { transactionDepth } from './typeorm-internals.js';

/** Milliseconds after which a transaction that was begun by hand, and may last for ever, is joined. */
const PATIENCE = 1_000;

/** Code that has, or waits for, the one transaction. */
interface Scope {
  /** Whether the transaction ends with the code that began it. */
  readonly isBounded: boolean;
  joined?: Scope;
}

interface Waiter {
  readonly scope: Scope;
  resume(isOwn: boolean): void;
}

/** One a process: Node keeps every storage that was ever used. */
const scopes = new AsyncLocalStorage<Scope>();

/**
 * Lets top-level transactions take turns where everyone shares one query runner. TypeORM alone would nest them into
 * each other, and a rollback of the first would take a committed second with it.
 */
export class SingleWriterTurns {
  private readonly waiting: Waiter[] = [];
  private holder: Scope | undefined;
  private active = true;

  /** Runs something that may open a transaction and ends it itself. */
  bounded<Result>(fn: () => Promise<Result>): Promise<Result> {
    return !this.active || this.holds() ? fn() : scopes.run({ isBounded: true }, fn);
  }

  /** Makes the runner's transactions take turns. Its `isTransactionActive` then speaks for the running code only. */
  fit(runner: QueryRunner): void {
    let isActive = runner.isTransactionActive;
    Object.defineProperty(runner, 'isTransactionActive', {
      configurable: true,
      get: () => isActive && (!this.active || this.holds()),
      set: (value: boolean) => {
        isActive = value;
      },
    });
    const { startTransaction, commitTransaction, rollbackTransaction } = runner;
    runner.startTransaction = (level) => {
      const start = () => startTransaction.call(runner, level);
      return !this.active || this.holds() ? start() : this.begin(runner, start);
    };
    runner.commitTransaction = () => this.end(runner, () => commitTransaction.call(runner));
    runner.rollbackTransaction = () => this.end(runner, () => rollbackTransaction.call(runner));
  }

  /** From now on nobody waits. */
  stop(): void {
    this.active = false;
    for (const { resume } of this.waiting.splice(0)) resume(false);
  }

  private holds(): boolean {
    const scope = scopes.getStore();
    return scope !== undefined && this.holder !== undefined && (scope.joined ?? scope) === this.holder;
  }

  /** Not an async function: the scope of a transaction begun by hand must be that of its caller. */
  private begin(runner: QueryRunner, start: () => Promise<void>): Promise<void> {
    let scope = scopes.getStore();
    if (scope?.isBounded !== true) scopes.enterWith((scope = { isBounded: false }));
    return this.start(runner, this.takeTurn(scope), start);
  }

  private async start(
    runner: QueryRunner,
    turn: Promise<boolean>,
    start: () => Promise<void>,
  ): Promise<void> {
    const isOwn = await turn;
    try {
      await start();
    } finally {
      if (isOwn && transactionDepth(runner) === 0) this.pass();
    }
  }

  /** Waits for the turn; `false` when the open transaction was joined instead. */
  private takeTurn(scope: Scope): Promise<boolean> {
    delete scope.joined;
    if (this.holder === undefined) {
      this.holder = scope;
      return Promise.resolve(true);
    }
    let held: Scope | undefined = this.holder;
    return new Promise((resolve) => {
      const waiter = { scope, resume: (isOwn: boolean) => (clearInterval(timer), resolve(isOwn)) };
      const timer = setInterval(() => {
        if (this.holder === held && held?.isBounded === false) this.join(waiter, held);
        held = this.holder;
      }, PATIENCE);
      this.waiting.push(waiter);
    });
  }

  private join(waiter: Waiter, held: Scope): void {
    this.waiting.splice(this.waiting.indexOf(waiter), 1);
    waiter.scope.joined = held;
    waiter.resume(false);
  }

  private async end(runner: QueryRunner, finish: () => Promise<void>): Promise<void> {
    // A transaction begun by hand may be ended from anywhere, such as the `afterEach` of a test.
    const { holder } = this;
    try {
      await (holder?.isBounded === false ? scopes.run(holder, finish) : finish());
    } finally {
      if (transactionDepth(runner) === 0) this.pass();
    }
  }

  private pass(): void {
    const next = this.waiting.shift();
    this.holder = next?.scope;
    next?.resume(true);
  }
}
