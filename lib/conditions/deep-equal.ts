import { CONDITION_LIMITS } from './condition-limits.js';
import { EvaluationLimit, type Evaluation } from './evaluation.js';

/** Reading a key of a large object takes about as long as eight elements of a list. */
const KEY_STEPS = 8;

/**
 * Whether two JSON values are the same: numbers by value, lists in order, objects whatever the order of their keys.
 * Types are never converted: `true` is not `1`, `"1"` is not `1`.
 *
 * @throws EvaluationLimit when the values are too large or too deep.
 */
export function deepEqual(left: unknown, right: unknown, evaluation: Evaluation, depth = 0): boolean {
  if (typeof left === 'string') evaluation.spend(left.length >> 10);
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (depth >= CONDITION_LIMITS.valueDepth) {
    throw new EvaluationLimit(`it is nested deeper than ${CONDITION_LIMITS.valueDepth} levels`);
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    evaluation.spend(left.length);
    return left.every((element, index) => deepEqual(element, right[index], evaluation, depth + 1));
  }
  const keys = keysOf(left, evaluation);
  if (keys.length !== keysOf(right, evaluation).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(right, key) &&
      deepEqual(
        (left as Record<string, unknown>)[key],
        (right as Record<string, unknown>)[key],
        evaluation,
        depth + 1,
      ),
  );
}

function keysOf(object: object, evaluation: Evaluation): string[] {
  const keys = Object.keys(object);
  evaluation.spend(keys.length * KEY_STEPS);
  return keys;
}
