import type { ConditionSubject } from './condition-subject.js';
import { parseConditions } from './parse-conditions.js';
import { runConditions, type ConditionResult } from './run-conditions.js';

/**
 * Conditions ready to be evaluated against any number of events. Never throws: what cannot be decided (a missing
 * attribute, a value of the wrong type, too much work) is `matched: false` with the reason in `error`.
 */
export type CompiledConditions = (subject: ConditionSubject) => ConditionResult;

/**
 * Compiles the `conditions` of a webhook (parsed JSON, see `docs/04-conditions.md`). `null`, `undefined`, `{}` and
 * `[]` are no conditions and match always.
 *
 * @throws ConditionInvalidError (`WEBHOOKS_CONDITION_INVALID`) with `issues`: the path and message of every fault.
 */
export function compileConditions(json: unknown): CompiledConditions {
  const root = parseConditions(json);
  return (subject) => runConditions(root, subject);
}
