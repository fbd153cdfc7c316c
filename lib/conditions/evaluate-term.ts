import type { AttrPath } from './attr-path.js';
import { deepEqual } from './deep-equal.js';
import { EvaluationLimit, Undecided, type Evaluation, type Outcome } from './evaluation.js';
import { quote } from './faults.js';
import type { OperatorTest } from './operators.js';
import { ABSENT, NO_DATA, resolveAttr, Unresolved, walk } from './resolve-attr.js';

/** What a term comes to before negation. Text says why it cannot be decided; null is no match, negated or not. */
export type TermResult = boolean | string | null;

/** Finds out whether a term holds, and tells the evaluation what the attribute was. */
export type TermTest = (evaluation: Evaluation) => TermResult;

/** A term with one of the operators that compare with a value. */
export function standardTerm(attr: AttrPath, test: OperatorTest): TermTest {
  return (evaluation) => {
    const found = resolveAttr(attr, evaluation);
    if (found instanceof Unresolved) return found.reason;
    if (found === NO_DATA) return null;
    const value = found === ABSENT ? null : found;
    evaluation.noteActual(value);
    const result = test(value, evaluation);
    // Nothing being there is normal for such an event: an operator that takes no null just does not match.
    return found === ABSENT && typeof result === 'string' ? false : result;
  };
}

/** A term that compares the two snapshots. */
export function snapshotTerm(keys: readonly string[], op: 'changed' | 'unchanged'): TermTest {
  const [keysBefore, keysAfter] = [
    ['prechange', ...keys],
    ['postchange', ...keys],
  ] as const;
  return (evaluation) => {
    const { snapshots } = evaluation.subject;
    if (snapshots === null || snapshots === undefined) return 'the event has no snapshots';
    const before = walk(snapshots, keysBefore, evaluation, false);
    const after = walk(snapshots, keysAfter, evaluation, false);
    if (before instanceof Unresolved && after instanceof Unresolved) {
      return `neither snapshot has it: ${(snapshots.postchange === null ? before : after).reason}`;
    }
    if (evaluation.observer) evaluation.noteActual(sides(before, after));
    const inBoth = !(before instanceof Unresolved) && !(after instanceof Unresolved);
    const changed = !inBoth || !deepEqual(before, after, evaluation);
    return changed === (op === 'changed');
  };
}

function sides(before: unknown, after: unknown): object {
  return {
    ...(before instanceof Unresolved ? {} : { prechange: before }),
    ...(after instanceof Unresolved ? {} : { postchange: after }),
  };
}

/** Runs a term where it stands: negates, tells the observer, and turns whatever goes wrong into an undecided outcome. */
export function evaluateTerm(
  path: string,
  attr: string,
  test: TermTest,
  negate: boolean,
  evaluation: Evaluation,
): Outcome {
  const result = attempt(test, evaluation);
  const outcome =
    typeof result === 'string'
      ? new Undecided(path, `${quote(attr)}: ${result}`)
      : result !== null && result !== negate;
  evaluation.observer?.(path, outcome, evaluation.takeActual());
  return outcome;
}

function attempt(test: TermTest, evaluation: Evaluation): TermResult {
  try {
    return test(evaluation);
  } catch (error) {
    return error instanceof EvaluationLimit ? error.message : 'it cannot be read';
  }
}
