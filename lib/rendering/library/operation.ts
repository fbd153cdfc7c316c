import type { Rendering } from '../runtime/rendering.js';
import { textOf } from '../runtime/text-of.js';
import { isDict, type Value } from '../values/value.js';

/** A filter, a test or a method: what it does with a value, and the names of its further arguments. */
export interface Operation<Result extends Value = Value> {
  readonly parameters: readonly string[];
  readonly apply: (value: Value, args: readonly Value[], rendering: Rendering) => Result;
}

/** Operations by name. A map, so that a name can only be one that was put in. */
export type Operations<Result extends Value = Value> = ReadonlyMap<string, Operation<Result>>;

/** An operation on any value. */
export function operation<Result extends Value>(
  parameters: readonly string[],
  apply: Operation<Result>['apply'],
): Operation<Result> {
  return { parameters, apply };
}

/** An operation on a value's text. Texts longer than an output may be are refused before they are touched. */
export function textOperation(
  parameters: readonly string[],
  apply: (text: string, args: readonly Value[], rendering: Rendering) => Value,
): Operation {
  return operation(parameters, (value, args, rendering) => {
    const text = textOf(value === false ? '' : value, rendering);
    rendering.budget.text(text.length);
    return apply(text, args, rendering);
  });
}

/** An argument that must be a whole number from 0; `fallback` when it is not given. */
export function wholeNumber(value: Value, fallback: number, rendering: Rendering): number {
  if (value === undefined || value === null) return fallback;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) {
    throw rendering.mismatch('A whole number from 0 is expected here.');
  }
  return number;
}

/** A value's elements: those of a list, the characters of a text, the keys of a dict; none of null and undefined. */
export function elementsOf(value: Value, rendering: Rendering): readonly Value[] {
  if (value === undefined || value === null || value === false) return [];
  if (Array.isArray(value)) {
    rendering.budget.list(value.length);
    return value;
  }
  if (typeof value === 'string') {
    rendering.budget.list(value.length);
    return value.split('');
  }
  if (isDict(value)) {
    const keys = Object.keys(value);
    rendering.budget.list(keys.length);
    return keys;
  }
  throw rendering.mismatch('A list is expected here.');
}
