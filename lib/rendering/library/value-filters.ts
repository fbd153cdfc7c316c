import { jsonOf } from '../runtime/json-of.js';
import { toNumber } from '../runtime/operators.js';
import { textOf } from '../runtime/text-of.js';
import type { Rendering } from '../runtime/rendering.js';
import type { Value } from '../values/value.js';
import { operation, wholeNumber, type Operation } from './operation.js';

/** The filters on numbers and on values of any kind. */
export const VALUE_FILTERS: readonly [name: string, filter: Operation][] = [
  [
    'default',
    operation(['default_value', 'boolean'], (value, [fallback, boolean]) =>
      (boolean ? Boolean(value) : value !== undefined) ? value : fallback,
    ),
  ],
  [
    'dump',
    operation(['indent'], (value, [indent], rendering) =>
      jsonOf(value, rendering, margin(indent, rendering)),
    ),
  ],
  [
    'tojson',
    operation(
      ['indent'],
      (value, [indent], rendering) => jsonOf(value, rendering, margin(indent, rendering)) ?? 'null',
    ),
  ],
  ['abs', operation([], (value) => Math.abs(toNumber(value)))],
  [
    'round',
    operation(['precision', 'method'], (value, [precision, method]) => {
      const factor = 10 ** (toNumber(precision) || 0);
      const round = method === 'ceil' ? Math.ceil : method === 'floor' ? Math.floor : Math.round;
      return round(toNumber(value) * factor) / factor;
    }),
  ],
  [
    'int',
    operation(['default', 'base'], (value, [fallback, base = 10], rendering) => {
      const number = Number.parseInt(textOf(value, rendering).slice(0, 1_000), toNumber(base));
      return Number.isNaN(number) ? fallback : number;
    }),
  ],
  [
    'float',
    operation(['default'], (value, [fallback], rendering) => {
      const number = Number.parseFloat(textOf(value, rendering).slice(0, 1_000));
      return Number.isNaN(number) ? fallback : number;
    }),
  ],
];

function margin(indent: Value, rendering: Rendering): string {
  if (typeof indent === 'string') return indent.slice(0, 10);
  return ' '.repeat(Math.min(wholeNumber(indent, 0, rendering), 10));
}
