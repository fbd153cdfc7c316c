import { toNumber } from '../runtime/operators.js';
import type { Rendering } from '../runtime/rendering.js';
import { textOf } from '../runtime/text-of.js';
import { Cycler } from '../values/cycler.js';
import { TemplateFunction } from '../values/template-function.js';
import type { Value } from '../values/value.js';

/** Names that every template has: Python's literals and nunjucks' functions. Variables of the same name win. */
export const GLOBALS: ReadonlyMap<string, (rendering: Rendering) => Value> = new Map<
  string,
  (rendering: Rendering) => Value
>([
  ['True', () => true],
  ['False', () => false],
  ['None', () => null],
  ['range', (rendering) => new TemplateFunction(({ positional }) => range(positional, rendering))],
  ['cycler', () => new TemplateFunction(({ positional }) => new Cycler(positional))],
  [
    'joiner',
    (rendering) => new TemplateFunction(({ positional }) => joiner(textOf(positional[0] ?? ',', rendering))),
  ],
]);

function range(args: readonly Value[], rendering: Rendering): Value {
  const [first = 0, second, third] = args;
  const [start, stop] = second === undefined ? [0, toNumber(first)] : [toNumber(first), toNumber(second)];
  const step = second === undefined ? 1 : toNumber(third) || 1;
  const length = Math.ceil((stop - start) / step);
  if (!Number.isFinite(length)) throw rendering.mismatch('range() needs numbers.');
  rendering.budget.list(Math.max(length, 0));
  return Array.from({ length: Math.max(length, 0) }, (_, index) => start + index * step);
}

function joiner(separator: string): Value {
  let called = false;
  return new TemplateFunction(() => {
    const answer = called ? separator : '';
    called = true;
    return answer;
  });
}
