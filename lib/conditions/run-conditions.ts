import type { ConditionSubject } from './condition-subject.js';
import type { ConditionNode } from './condition-tree.js';
import { Evaluation, type Observer } from './evaluation.js';

/** What evaluating conditions against one event came to. */
export interface ConditionResult {
  readonly matched: boolean;
  /** Why it could not be decided; `matched` is false then. */
  readonly error?: string;
}

/** Evaluates a checked definition, or none, which always matches. Never throws. */
export function runConditions(
  root: ConditionNode | null,
  subject: ConditionSubject,
  observer?: Observer,
): ConditionResult {
  const outcome = root === null || root.evaluate(new Evaluation(subject, observer));
  if (typeof outcome === 'boolean') return { matched: outcome };
  return {
    matched: false,
    error: outcome.path === '' ? outcome.reason : `${outcome.path}: ${outcome.reason}`,
  };
}
