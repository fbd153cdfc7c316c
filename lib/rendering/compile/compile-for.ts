import type { Rendering } from '../runtime/rendering.js';
import type { Scope } from '../runtime/scope.js';
import { otherwiseOf, part } from '../syntax/syntax-node.js';
import { LoopState } from '../values/loop-state.js';
import { isDict, type Value } from '../values/value.js';
import { pairsOf } from '../library/pairs-of.js';
import { marker } from './call-arguments.js';
import type { Compile, Execute } from './compilation.js';
import { nameOf } from './names.js';

/** Compiles a for loop over a list, the characters of a text, or a dict: its keys, or keys and values for two names. */
export const compileFor: Compile<Execute> = (node, compilation) => {
  const target = part(node, node.name);
  const names = (target.typename === 'Array' ? (target.children ?? []) : [target]).map((name) =>
    nameOf(name),
  );
  const iterated = compilation.expression(part(node, node.arr));
  const body = compilation.body(node.body);
  const otherwise = compilation.body(otherwiseOf(node));
  const mark = marker(node);

  return (rendering) => {
    const elements = elementsToVisit(iterated(rendering), names.length > 1, rendering);
    mark(rendering);
    rendering.within(rendering.scope, false, (scope) => {
      const loop = new LoopState();
      scope.declare('loop', loop);
      // A body may append to the list it walks through; the budget ends a loop that feeds itself.
      for (let index = 0; index < elements.length; index++) {
        rendering.budget.step();
        loop.index0 = index;
        loop.length = elements.length;
        bind(names, elements[index], scope, rendering);
        body(rendering);
      }
      if (elements.length === 0) otherwise(rendering);
    });
  };
};

function elementsToVisit(value: Value, pairs: boolean, rendering: Rendering): readonly Value[] | string {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  if (!isDict(value)) return [];
  return pairs ? pairsOf(value, rendering) : pairsOf(value, rendering).map(([key]) => key);
}

function bind(names: readonly string[], element: Value, scope: Scope, rendering: Rendering): void {
  if (names.length === 1) {
    scope.declare(names[0] as string, element);
    return;
  }
  if (!Array.isArray(element))
    throw rendering.mismatch('Only lists can be spread over several names of a loop.');
  names.forEach((name, index) => scope.declare(name, element[index]));
}
