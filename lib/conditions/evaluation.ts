import type { ConditionSubject } from './condition-subject.js';
import { CONDITION_LIMITS } from './condition-limits.js';

/** Why a condition cannot be decided. It stops the whole definition, whatever surrounds the condition. */
export class Undecided {
  constructor(
    /** Where the condition stands in the definition. */
    readonly path: string,
    readonly reason: string,
  ) {}
}

/** What evaluating a condition or a set comes to. */
export type Outcome = boolean | Undecided;

/** What an attribute was; nothing where it could not be read. */
export interface Actual {
  readonly value?: unknown;
}

/** Called with every term that was reached. */
export type Observer = (path: string, outcome: Outcome, actual: Actual) => void;

const NOTHING: Actual = {};

/** Thrown when an evaluation would do too much work; caught by the term that ran, with the message as its reason. */
export class EvaluationLimit extends Error {}

/** One evaluation of one definition: the event, the work left, and who watches. */
export class Evaluation {
  #steps: number = CONDITION_LIMITS.steps;
  #actual: Actual = NOTHING;

  constructor(
    readonly subject: ConditionSubject,
    readonly observer?: Observer,
  ) {}

  /** For the observer: what the attribute of the running term is. */
  noteActual(value: unknown): void {
    if (this.observer) this.#actual = { value };
  }

  /** What was noted for the term that has run; nothing when its attribute could not be read. */
  takeActual(): Actual {
    const actual = this.#actual;
    this.#actual = NOTHING;
    return actual;
  }

  /**
   * Pays for work about to be done.
   *
   * @throws EvaluationLimit when the evaluation may not do as much.
   */
  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new EvaluationLimit('it takes more work than one evaluation may do');
  }
}
