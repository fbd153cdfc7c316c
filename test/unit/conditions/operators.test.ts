import { describe, expect, it } from 'vitest';
import { compileConditions } from '../../../lib/conditions/compile-conditions.js';
import { answer, inverted, type Expected } from './answer.js';

type Row = [op: string, actual: unknown, reference: unknown, expected: Expected];

/** The results of a bare condition on `{ field: actual }`, as it is and negated. */
function bothWays(op: string, actual: unknown, value: unknown): unknown[] {
  const subject = { data: { field: actual }, snapshots: null };
  return [{}, { negate: true }].map((negate) =>
    compileConditions({ attr: 'field', op, value, ...negate })(subject),
  );
}

const answers = (expected: Expected): unknown[] => [answer(expected), answer(inverted(expected))];

describe('eq', () => {
  it.each<Row>([
    ['eq', 'active', 'active', true],
    ['eq', 'active', 'Active', false],
    ['eq', 'active', 'activ', false],
    ['eq', '1', 1, false],
    ['eq', 1, '1', false],
    ['eq', 1, 1.0, true],
    ['eq', 0, -0, true],
    ['eq', 1, true, false],
    ['eq', true, 1, false],
    ['eq', 0, false, false],
    ['eq', true, true, true],
    ['eq', null, null, true],
    ['eq', null, '', false],
    ['eq', null, 0, false],
    ['eq', '', null, false],
    ['eq', [], [], true],
    ['eq', [1, 'a', null], [1, 'a', null], true],
    ['eq', [1, 2], [2, 1], false],
    ['eq', [1], [1, 1], false],
    ['eq', [1], [true], false],
    ['eq', [[1, [2]]], [[1, [2]]], true],
    ['eq', [{ a: 1, b: [2] }], [{ b: [2], a: 1 }], true],
    ['eq', [{ a: 1 }], [{ a: 1, b: 2 }], false],
    ['eq', [{ a: 1, b: 2 }], [{ a: 1 }], false],
    ['eq', { a: 1 }, 'a', false],
    ['eq', {}, [], false],
    ['eq', [{}], [[]], false],
  ])('%s of %j and %j is %s', (op, actual, reference, expected) => {
    expect(bothWays(op, actual, reference)).toEqual(answers(expected));
  });
});

describe('gt, gte, lt and lte', () => {
  it.each<Row>([
    ['gt', 2, 1, true],
    ['gt', 1, 1, false],
    ['gt', 1.5, 1.4, true],
    ['gte', 1, 1, true],
    ['gte', 0, 1, false],
    ['lt', 0, 1, true],
    ['lt', 1, 1, false],
    ['lte', 1, 1, true],
    ['lte', 2, 1, false],
    ['gt', '2', 1, /^"field": gt compares numbers and found text$/],
    ['gt', null, 5, /found null/],
    ['lt', true, 5, /found a boolean/],
    ['gte', [2], 1, /found a list/],
    ['lte', { a: 1 }, 1, /found an object/],
    ['gt', Number.NaN, 1, /found a number that is not finite/],
  ])('%s of %j and %j is %s', (op, actual, reference, expected) => {
    expect(bothWays(op, actual, reference)).toEqual(answers(expected));
  });
});

it('does not take a bigint for a number', () => {
  expect(bothWays('lt', 10n, 11)).toEqual(answers(/found a bigint/));
});

describe('in', () => {
  it.each<Row>([
    ['in', 'planned', ['planned', 'staging'], true],
    ['in', 'active', ['planned', 'staging'], false],
    ['in', 1, [1, 2], true],
    ['in', '1', [1, 2], false],
    ['in', true, [1], false],
    ['in', null, [null], true],
    ['in', null, [], false],
    ['in', [1, 2], [[1, 2]], true],
    ['in', [1, 2], [1, 2], false],
    ['in', { a: 1 }, [{ a: 1 }], true],
  ])('%s: %j in %j is %s', (op, actual, reference, expected) => {
    expect(bothWays(op, actual, reference)).toEqual(answers(expected));
  });
});

describe('contains', () => {
  it.each<Row>([
    ['contains', ['a', 'b'], 'b', true],
    ['contains', ['a', 'b'], 'c', false],
    ['contains', ['ab'], 'a', false],
    ['contains', [], 'a', false],
    ['contains', [1], 1, true],
    ['contains', [1], true, false],
    ['contains', [[1], [2]], [2], true],
    ['contains', 'IX Frankfurt', 'Frank', true],
    ['contains', 'IX Frankfurt', 'frank', false],
    ['contains', 'anything', '', true],
    ['contains', { tag: 1 }, 'tag', true],
    ['contains', { tag: 1 }, 'ta', false],
    ['contains', { tag: null }, 'tag', true],
    ['contains', 'text 5', 5, /cannot search text for a number/],
    ['contains', 'text', ['t'], /cannot search text for a list/],
    ['contains', { 1: 1 }, 1, /cannot search the keys of an object for a number/],
    ['contains', null, 'a', /found null/],
    ['contains', 5, 5, /found a number/],
    ['contains', true, true, /found a boolean/],
  ])('%s: %j has %j is %s', (op, actual, reference, expected) => {
    expect(bothWays(op, actual, reference)).toEqual(answers(expected));
  });
});

describe('regex', () => {
  it.each<Row>([
    ['regex', 'core-1', 'core', true],
    ['regex', 'my-core-1', 'core', false],
    ['regex', 'my-core-1', '.*core', true],
    ['regex', 'core-1', 'core$', false],
    ['regex', 'core-1', '^core-\\d+$', true],
    ['regex', 'b', 'a|b', true],
    ['regex', 'xb', 'a|b', false],
    ['regex', 'x\nb', '(?m)^b', false],
    ['regex', 'CORE', '(?i)core', true],
    ['regex', 'CORE', 'core', false],
    ['regex', '', '', true],
    ['regex', '2001:db8::1', '([0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}$', true],
    ['regex', '😀x', '.x', true],
    ['regex', 'end\n', 'end$', false],
    ['regex', 'é', '\\w', false],
    ['regex', 'é', '\\pL', true],
    ['regex', 5, '5', /regex matches text and found a number/],
    ['regex', null, '', /found null/],
    ['regex', ['a'], 'a', /found a list/],
  ])('%s: %j matches %j is %s', (op, actual, reference, expected) => {
    expect(bothWays(op, actual, reference)).toEqual(answers(expected));
  });
});

it('compares for equality when no operator is named', () => {
  const evaluate = compileConditions({ attr: 'a', value: 1 });
  expect(evaluate({ data: { a: 1 }, snapshots: null })).toEqual({ matched: true });
  expect(evaluate({ data: { a: 2 }, snapshots: null })).toEqual({ matched: false });
});
