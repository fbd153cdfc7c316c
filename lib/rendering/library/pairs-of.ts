import type { Rendering } from '../runtime/rendering.js';
import type { Dict, Value } from '../values/value.js';

/** The `[key, value]` pairs of a dict, in its order. */
export function pairsOf(dict: Dict, rendering: Rendering): [string, Value][] {
  const pairs = Object.entries(dict);
  rendering.budget.list(pairs.length);
  return pairs;
}
