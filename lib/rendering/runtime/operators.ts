import { isDict, type Value } from '../values/value.js';
import type { Rendering } from './rendering.js';
import { joinTexts, textOf } from './text-of.js';

/** A value as a number; NaN for what is none. Lists, dicts and texts too long to be one are not asked. */
export function toNumber(value: Value): number {
  if (typeof value === 'string' && value.length > 1_000) return Number.NaN;
  return typeof value === 'object' && value !== null ? Number.NaN : Number(value);
}

/** `left + right`: joins two lists, joins texts when one is a text, else adds numbers. */
export function add(left: Value, right: Value, rendering: Rendering): Value {
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (Array.isArray(left) && Array.isArray(right)) {
    rendering.budget.list(left.length + right.length);
    return [...left, ...right];
  }
  if (typeof left === 'string' || typeof right === 'string') return joinTexts([left, right], '', rendering);
  return toNumber(left) + toNumber(right);
}

/** The operators on two numbers. */
export const ARITHMETIC = {
  Sub: (left: number, right: number) => left - right,
  Mul: (left: number, right: number) => left * right,
  Div: (left: number, right: number) => left / right,
  FloorDiv: (left: number, right: number) => Math.floor(left / right),
  Mod: (left: number, right: number) => left % right,
  Pow: (left: number, right: number) => left ** right,
} as const;

/** `left == right` as JavaScript says it for plain values; lists and dicts equal only themselves. */
export function looselyEqual(left: Value, right: Value, rendering: Rendering): boolean {
  rendering.budget.comparison(left, right);
  if (left === right) return true;
  if (left === null || left === undefined) return right === null || right === undefined;
  if (right === null || right === undefined || typeof left === typeof right) return false;
  return toNumber(left) === toNumber(right);
}

/** `left === right`. */
export function strictlyEqual(left: Value, right: Value, rendering: Rendering): boolean {
  rendering.budget.comparison(left, right);
  return left === right;
}

/** `left < right`: by characters for two texts, else by number. */
export function isLess(left: Value, right: Value, rendering: Rendering): boolean {
  rendering.budget.comparison(left, right);
  if (typeof left === 'string' && typeof right === 'string') return left < right;
  return toNumber(left) < toNumber(right);
}

/** `left <= right`. */
export function isAtMost(left: Value, right: Value, rendering: Rendering): boolean {
  rendering.budget.comparison(left, right);
  if (typeof left === 'string' && typeof right === 'string') return left <= right;
  return toNumber(left) <= toNumber(right);
}

/** The comparisons by their sign. */
export const COMPARISONS: ReadonlyMap<string, (left: Value, right: Value, rendering: Rendering) => boolean> =
  new Map<string, (left: Value, right: Value, rendering: Rendering) => boolean>([
    ['==', looselyEqual],
    ['!=', (left, right, rendering) => !looselyEqual(left, right, rendering)],
    ['===', strictlyEqual],
    ['!==', (left, right, rendering) => !strictlyEqual(left, right, rendering)],
    ['<', isLess],
    ['<=', isAtMost],
    ['>', (left, right, rendering) => isLess(right, left, rendering)],
    ['>=', (left, right, rendering) => isAtMost(right, left, rendering)],
  ]);

/**
 * `needle in container`: an element of a list, a part of a text, a key of a dict.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_RUNTIME` when the container is none of them.
 */
export function contains(needle: Value, container: Value, rendering: Rendering): boolean {
  if (typeof container === 'string') {
    const text = textOf(needle, rendering);
    rendering.budget.search(container, text);
    return container.includes(text);
  }
  if (Array.isArray(container)) return indexIn(container, needle, rendering) !== -1;
  if (isDict(container)) {
    return (typeof needle === 'string' || typeof needle === 'number') && Object.hasOwn(container, needle);
  }
  throw rendering.mismatch('"in" needs a list, a text or a dict on its right.');
}

/** Where an element first stands in a list; -1 when it does not. */
export function indexIn(list: readonly Value[], needle: Value, rendering: Rendering): number {
  const perElement = typeof needle === 'string' ? 1 + (needle.length >> 4) : 1;
  rendering.budget.step(1 + ((list.length * perElement) >> 4));
  return list.indexOf(needle);
}
