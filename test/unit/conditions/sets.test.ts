import { describe, expect, it } from 'vitest';
import { compileConditions } from '../../../lib/conditions/compile-conditions.js';

const data = { a: 1, b: 2, status: { value: 'enabled', label: 'Enabled' } };
const yes = { attr: 'a', value: 1 };
const no = { attr: 'a', value: 9 };
const broken = { attr: 'missing', value: 1 };

function evaluate(json: unknown): { matched: boolean; error?: string } {
  return compileConditions(json)({ data, snapshots: null });
}

describe('no conditions', () => {
  it.each([[null], [undefined], [{}], [[]]])('%j matches always', (json) => {
    expect(evaluate(json)).toEqual({ matched: true });
    expect(compileConditions(json)({ data: null, snapshots: null })).toEqual({ matched: true });
  });
});

describe('sets', () => {
  it.each<[json: unknown, matched: boolean]>([
    [{ and: [] }, true],
    [{ or: [] }, false],
    [{ and: [yes] }, true],
    [{ and: [yes, no] }, false],
    [{ and: [no, yes] }, false],
    [{ or: [no, yes] }, true],
    [{ or: [no, no] }, false],
    [yes, true],
    [no, false],
    [{ or: [no, { and: [yes, { attr: 'b', value: 2 }] }] }, true],
    [{ and: [yes, { or: [no, { and: [] }] }] }, true],
    [{ and: [yes, { or: [] }] }, false],
    [{ or: [{ and: [yes, no] }, { and: [no] }] }, false],
    [{ and: [{ attr: 'a', value: 9, negate: true }, yes] }, true],
    [{ and: [{ attr: 'status.value', value: 'enabled' }] }, true],
    [{ and: [{ attr: 'status.value', value: 'disabled' }] }, false],
  ])('%j is %s', (json, matched) => expect(evaluate(json)).toEqual({ matched }));
});

describe('a condition that cannot be decided', () => {
  const error = expect.stringContaining('there is no "missing"');

  it.each<[what: string, json: unknown]>([
    ['on its own', broken],
    ['negated', { ...broken, negate: true }],
    ['in an and', { and: [yes, broken] }],
    ['in an or, although a later branch would match', { or: [broken, yes] }],
    ['deep in an or', { or: [{ and: [yes, { or: [no, broken] }] }, yes] }],
    ['negated in an or', { or: [{ ...broken, negate: true }, yes] }],
  ])('fails the whole definition: %s', (_, json) =>
    expect(evaluate(json)).toEqual({ matched: false, error }),
  );

  it.each<[what: string, json: unknown, matched: boolean]>([
    ['after a match in an or', { or: [yes, broken] }, true],
    ['after a miss in an and', { and: [no, broken] }, false],
    ['in a set that is not reached', { or: [yes, { and: [broken] }] }, true],
  ])('does nothing when short circuit passes it by: %s', (_, json, matched) => {
    expect(evaluate(json)).toEqual({ matched });
  });

  it('is named by its path', () => {
    expect(evaluate({ and: [yes, { or: [no, broken] }] }).error).toBe(
      'and[1].or[1]: "missing": there is no "missing"',
    );
  });
});
