import type { QueryRunner } from 'typeorm';
import { Journal } from './journal.js';

/** The journal of each open transaction. */
export class Journals {
  private readonly byRunner = new WeakMap<QueryRunner, Journal>();

  /** The journal of the runner's transaction, begun if need be. */
  of(runner: QueryRunner): Journal {
    let journal = this.byRunner.get(runner);
    if (journal === undefined) this.byRunner.set(runner, (journal = new Journal(runner)));
    return journal;
  }

  /** The journal of the runner's transaction if it has touched anything. */
  find(runner: QueryRunner): Journal | undefined {
    return this.byRunner.get(runner);
  }

  /** The transaction has ended. */
  end(runner: QueryRunner): void {
    this.byRunner.delete(runner);
  }
}
