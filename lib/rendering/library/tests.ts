import { COMPARISONS, contains, strictlyEqual, toNumber } from '../runtime/operators.js';
import { TemplateFunction } from '../values/template-function.js';
import { isDict, type Value } from '../values/value.js';
import { operation, type Operation, type Operations } from './operation.js';

function test(check: (value: Value) => boolean): Operation<boolean> {
  return operation([], check);
}

function comparison(sign: string): Operation<boolean> {
  const compare = COMPARISONS.get(sign) ?? strictlyEqual;
  return operation(['other'], (value, [other], rendering) => compare(value, other, rendering));
}

function cased(change: (text: string) => string): Operation<boolean> {
  return operation([], (value, _, rendering) => {
    if (typeof value !== 'string') return false;
    rendering.budget.text(value.length);
    return change(value) === value;
  });
}

const isNull = test((value) => value === null);
const equal = comparison('===');

/** Every test, as in `value is test`. */
export const TESTS: Operations<boolean> = new Map([
  ['defined', test((value) => value !== undefined)],
  ['undefined', test((value) => value === undefined)],
  ['null', isNull],
  ['none', isNull],
  ['truthy', test(Boolean)],
  ['falsy', test((value) => !value)],
  ['true', test((value) => value === true)],
  ['false', test((value) => value === false)],
  ['boolean', test((value) => typeof value === 'boolean')],
  ['number', test((value) => typeof value === 'number')],
  ['integer', test(Number.isInteger)],
  ['float', test((value) => typeof value === 'number' && !Number.isInteger(value))],
  ['string', test((value) => typeof value === 'string')],
  ['mapping', test(isDict)],
  ['sequence', test((value) => typeof value === 'string' || Array.isArray(value))],
  ['iterable', test((value) => typeof value === 'string' || Array.isArray(value))],
  ['callable', test((value) => value instanceof TemplateFunction)],
  ['escaped', test(() => false)],
  ['even', test((value) => toNumber(value) % 2 === 0)],
  ['odd', test((value) => toNumber(value) % 2 === 1)],
  ['divisibleby', operation(['number'], (value, [number]) => toNumber(value) % toNumber(number) === 0)],
  ['lower', cased((text) => text.toLowerCase())],
  ['upper', cased((text) => text.toUpperCase())],
  ['in', operation(['container'], (value, [container], rendering) => contains(value, container, rendering))],
  ['eq', equal],
  ['equalto', equal],
  ['sameas', equal],
  ['ne', comparison('!==')],
  ['lt', comparison('<')],
  ['lessthan', comparison('<')],
  ['le', comparison('<=')],
  ['gt', comparison('>')],
  ['greaterthan', comparison('>')],
  ['ge', comparison('>=')],
]);
