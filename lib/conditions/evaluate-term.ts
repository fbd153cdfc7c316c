import type { AttrPath } from './attr-path.js';
import { deepEqual } from './deep-equal.js';
import { EvaluationLimit, Undecided, type Evaluation, type Outcome } from './evaluation.js';
import { quote } from './faults.js';
import type { OperatorTest } from './operators.js';
import { ABSENT, NO_DATA, resolveAttr, Unresolved, walk } from './resolve-attr.js';

/** What a term found, before negation. */
interface Finding {
  /** Text says why it cannot be decided; null is no match, negated or not. */
  readonly result: boolean | string | null;
  /** What the attribute was; nothing when it could not be read. */
  readonly actual: { readonly value?: unknown };
}

/** Finds out whether a term holds, before negation. */
export type TermTest = (evaluation: Evaluation) => Finding;

const NOTHING = {};

/** A term with one of the operators that compare with a value. */
export function standardTerm(attr: AttrPath, test: OperatorTest): TermTest {
  return (evaluation) => {
    const found = resolveAttr(attr, evaluation);
    if (found instanceof Unresolved) return { result: found.reason, actual: NOTHING };
    if (found === NO_DATA) return { result: null, actual: NOTHING };
    if (found !== ABSENT) return { result: test(found, evaluation), actual: { value: found } };
    // Nothing is there, as is normal for this event: null equals it, and an operator that takes no null does not match.
    return { result: test(null, evaluation) === true, actual: { value: null } };
  };
}

/** A term that compares the two snapshots. */
export function snapshotTerm(keys: readonly string[], op: 'changed' | 'unchanged'): TermTest {
  return (evaluation) => {
    const { snapshots } = evaluation.subject;
    if (snapshots === null || snapshots === undefined)
      return { result: 'the event has no snapshots', actual: NOTHING };
    const before = walk(snapshots, ['prechange', ...keys], evaluation, false);
    const after = walk(snapshots, ['postchange', ...keys], evaluation, false);
    if (before instanceof Unresolved && after instanceof Unresolved) {
      const { reason } = snapshots.postchange === null ? before : after;
      return { result: `neither snapshot has it: ${reason}`, actual: NOTHING };
    }
    const inBoth = !(before instanceof Unresolved) && !(after instanceof Unresolved);
    const changed = !inBoth || !deepEqual(before, after, evaluation);
    const value = {
      ...(before instanceof Unresolved ? {} : { prechange: before }),
      ...(after instanceof Unresolved ? {} : { postchange: after }),
    };
    return { result: changed === (op === 'changed'), actual: { value } };
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
  const { result, actual } = find(test, evaluation);
  let outcome: Outcome;
  if (typeof result === 'string') outcome = new Undecided(path, `${quote(attr)}: ${result}`);
  else outcome = result !== null && result !== negate;
  evaluation.observer?.(path, outcome, actual);
  return outcome;
}

function find(test: TermTest, evaluation: Evaluation): Finding {
  try {
    return test(evaluation);
  } catch (error) {
    return {
      result: error instanceof EvaluationLimit ? error.message : 'it cannot be read',
      actual: NOTHING,
    };
  }
}
