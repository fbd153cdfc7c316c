import { indexIn } from '../runtime/operators.js';
import type { Rendering } from '../runtime/rendering.js';
import { joinTexts, textOf } from '../runtime/text-of.js';
import type { Value } from '../values/value.js';
import { elementsOf, operation, type Operation, type Operations } from './operation.js';

function method(
  parameters: readonly string[],
  apply: (list: Value[], args: readonly Value[], rendering: Rendering) => Value,
): Operation {
  return operation(parameters, (value, args, rendering) =>
    apply(Array.isArray(value) ? value : [], args, rendering),
  );
}

function mutation(
  parameters: readonly string[],
  apply: (list: Value[], args: readonly Value[], rendering: Rendering) => Value,
): Operation {
  return method(parameters, (list, args, rendering) => {
    if (Object.isFrozen(list)) {
      throw rendering.mismatch(
        'The data of the event cannot be changed; make a list of your own first: "x | list".',
      );
    }
    rendering.budget.step(1 + (list.length >> 10));
    return apply(list, args, rendering);
  });
}

function insertAll(list: Value[], index: number, added: readonly Value[], rendering: Rendering): undefined {
  rendering.budget.growth(list.length + added.length, added.length);
  for (const [offset, element] of added.entries()) list.splice(index + offset, 0, element);
}

const append = mutation(['element'], (list, [element], rendering) =>
  insertAll(list, list.length, [element], rendering),
);

/** What can be called on a list, in Python's names and in JavaScript's. */
export const LIST_METHODS: Operations = new Map([
  ['append', append],
  ['push', append],
  [
    'extend',
    mutation(['list'], (list, [more], rendering) =>
      insertAll(list, list.length, [...elementsOf(more, rendering)], rendering),
    ),
  ],
  [
    'insert',
    mutation(['index', 'element'], (list, [index, element], rendering) =>
      insertAll(list, typeof index === 'number' ? index : 0, [element], rendering),
    ),
  ],
  [
    'pop',
    mutation(['index'], (list, [index]) =>
      typeof index === 'number' ? list.splice(index, 1)[0] : list.pop(),
    ),
  ],
  [
    'index',
    method(['element'], (list, [element], rendering) => {
      const found = indexIn(list, element, rendering);
      if (found === -1) throw rendering.mismatch('index() did not find the element; ask "in" first.');
      return found;
    }),
  ],
  ['indexOf', method(['element'], (list, [element], rendering) => indexIn(list, element, rendering))],
  ['includes', method(['element'], (list, [element], rendering) => indexIn(list, element, rendering) !== -1)],
  [
    'count',
    method(['element'], (list, [element], rendering) => {
      indexIn(list, element, rendering);
      return list.filter((item) => item === element).length;
    }),
  ],
  [
    'join',
    method(['separator'], (list, [separator = ','], rendering) =>
      joinTexts(list, textOf(separator, rendering), rendering),
    ),
  ],
  [
    'slice',
    method(['start', 'end'], (list, [start, end], rendering) => {
      rendering.budget.list(list.length);
      return list.slice(typeof start === 'number' ? start : 0, typeof end === 'number' ? end : undefined);
    }),
  ],
  [
    'concat',
    method(['list'], (list, [more], rendering) => {
      const added = Array.isArray(more) ? more : [more];
      rendering.budget.list(list.length + added.length);
      return [...list, ...added];
    }),
  ],
]);
