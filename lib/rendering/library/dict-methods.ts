import type { Rendering } from '../runtime/rendering.js';
import { lookupMember } from '../runtime/lookup-member.js';
import { isDict, newDict, type Dict, type Value } from '../values/value.js';
import { operation, type Operation, type Operations } from './operation.js';
import { pairsOf } from './pairs-of.js';

function method(
  parameters: readonly string[],
  apply: (dict: Dict, args: readonly Value[], rendering: Rendering) => Value,
): Operation {
  return operation(parameters, (value, args, rendering) =>
    apply(isDict(value) ? value : newDict(), args, rendering),
  );
}

const items = method([], (dict, _, rendering) => pairsOf(dict, rendering));

/** What can be called on a dict. */
export const DICT_METHODS: Operations = new Map([
  ['items', items],
  ['iteritems', items],
  ['keys', method([], (dict, _, rendering) => pairsOf(dict, rendering).map(([key]) => key))],
  ['values', method([], (dict, _, rendering) => pairsOf(dict, rendering).map(([, value]) => value))],
  [
    'get',
    method(['key', 'default'], (dict, [key, fallback]) => {
      const value = lookupMember(dict, key);
      return value === undefined ? fallback : value;
    }),
  ],
  [
    'update',
    method(['other'], (dict, [other], rendering) => {
      if (Object.isFrozen(dict)) throw rendering.mismatch('The data of the event cannot be changed.');
      if (!isDict(other)) throw rendering.mismatch('update() needs a dict.');
      rendering.budget.list(Object.keys(dict).length + Object.keys(other).length);
      Object.assign(dict, other);
      return undefined;
    }),
  ],
]);
