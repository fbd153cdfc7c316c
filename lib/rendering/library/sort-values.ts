import { toNumber } from '../runtime/operators.js';
import type { Rendering } from '../runtime/rendering.js';
import type { Value } from '../values/value.js';

/** Sorts a copy of a list by what `keyOf` says of each element: texts by character, else by number. Stable. */
export function sortValues<Element extends Value>(
  list: readonly Element[],
  keyOf: (element: Element) => Value,
  options: { readonly reverse?: boolean; readonly caseSensitive?: boolean },
  rendering: Rendering,
): Element[] {
  const { budget } = rendering;
  budget.list(list.length);
  const keyed = list.map((element) => {
    const key = keyOf(element);
    if (typeof key !== 'string' || options.caseSensitive === true) return { element, key };
    budget.text(key.length);
    return { element, key: key.toLowerCase() };
  });
  const sign = options.reverse === true ? -1 : 1;
  keyed.sort((a, b) => {
    budget.comparison(a.key, b.key);
    return sign * order(a.key, b.key);
  });
  return keyed.map(({ element }) => element);
}

function order(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  const [a, b] = [toNumber(left), toNumber(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}
