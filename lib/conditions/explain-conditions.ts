import type { JsonValue } from '../common/json-text.js';
import type { ConditionSubject } from './condition-subject.js';
import type { ConditionNode, ConditionOperator, ConditionTerm } from './condition-tree.js';
import { Undecided, type Outcome } from './evaluation.js';
import { parseConditions } from './parse-conditions.js';
import { runConditions, type ConditionResult } from './run-conditions.js';

/** What became of one condition. */
export interface ExplainedTerm {
  /** Where it stands in the definition: `and[1].or[0]`; empty for a bare condition. */
  readonly path: string;
  readonly attr: string;
  readonly op: ConditionOperator;
  /** The reference value; `changed` and `unchanged` have none. */
  readonly value?: JsonValue;
  readonly negate: boolean;
  /**
   * What the attribute was, where it could be read. For `changed` and `unchanged` an object with `prechange` and
   * `postchange`, each where the snapshot has it.
   */
  readonly actual?: unknown;
  /** With negation applied. `skipped`: an earlier condition had decided (short circuit, or an error). */
  readonly result: 'true' | 'false' | 'error' | 'skipped';
  /** The reason of an `error`. */
  readonly error?: string;
}

/** A result with the part that every condition had in it, in the order of the definition. */
export interface ConditionExplanation extends ConditionResult {
  readonly terms: readonly ExplainedTerm[];
}

/**
 * As {@link compileConditions}, but each evaluation also tells what every condition read and came to. It is the same
 * evaluation, watched.
 *
 * @throws ConditionInvalidError (`WEBHOOKS_CONDITION_INVALID`) as compileConditions does.
 */
export function explainConditions(json: unknown): (subject: ConditionSubject) => ConditionExplanation {
  const root = parseConditions(json);
  return (subject) => explainParsed(root, subject);
}

/** Evaluates a checked definition, or none, and tells what every condition read and came to. Never throws. */
export function explainParsed(root: ConditionNode | null, subject: ConditionSubject): ConditionExplanation {
  const seen = new Map<string, Pick<ExplainedTerm, 'result' | 'error' | 'actual'>>();
  const result = runConditions(root, subject, (path, outcome, actual) => {
    seen.set(path, { ...('value' in actual ? { actual: actual.value } : {}), ...describe(outcome) });
  });
  return {
    ...result,
    terms: [...termsOf(root)].map((term) => ({ ...describeTerm(term), ...(seen.get(term.path) ?? SKIPPED) })),
  };
}

const SKIPPED = { result: 'skipped' } as const;

function* termsOf(node: ConditionNode | null): Generator<ConditionTerm> {
  if (node?.kind === 'term') yield node;
  if (node?.kind === 'set') for (const item of node.items) yield* termsOf(item);
}

function describeTerm({ path, attr, op, value, negate }: ConditionTerm): Omit<ExplainedTerm, 'result'> {
  return { path, attr, op, ...(value === undefined ? {} : { value }), negate };
}

function describe(outcome: Outcome): Pick<ExplainedTerm, 'result' | 'error'> {
  if (outcome instanceof Undecided) return { result: 'error', error: outcome.reason };
  return { result: outcome ? 'true' : 'false' };
}
