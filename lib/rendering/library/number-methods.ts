import { operation, wholeNumber, type Operations } from './operation.js';

/** What can be called on a number. */
export const NUMBER_METHODS: Operations = new Map([
  [
    'toFixed',
    operation(['digits'], (value, [digits], rendering) =>
      Number(value).toFixed(Math.min(wholeNumber(digits, 0, rendering), 100)),
    ),
  ],
  ['toString', operation([], (value) => String(Number(value)))],
]);
