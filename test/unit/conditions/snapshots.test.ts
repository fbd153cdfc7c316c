import { describe, expect, it } from 'vitest';
import { compileConditions } from '../../../lib/conditions/compile-conditions.js';
import type { ConditionSubject } from '../../../lib/conditions/condition-subject.js';
import { answer, inverted, type Expected } from './answer.js';

type Snapshots = ConditionSubject['snapshots'];
type Row = [condition: Record<string, unknown>, expected: Expected];

const before = { status: 'planned', tags: [1], count: 3, note: null, meta: { owner: 'ada' } };
const after = { status: 'active', tags: [1], count: 3, note: null, meta: { owner: 'ada' } };
const created = { prechange: null, postchange: after };
const deleted = { prechange: before, postchange: null };
const updated = { prechange: before, postchange: after };

function evaluate(snapshots: Snapshots, json: unknown): unknown {
  return compileConditions(json)({ data: { status: { value: 'active' } }, snapshots });
}

/** The results of `changed` and `unchanged`, each as it is and negated, on one field. */
function allWays(snapshots: Snapshots, attr: string): unknown[] {
  return [
    { op: 'changed' },
    { op: 'unchanged' },
    { op: 'changed', negate: true },
    { op: 'unchanged', negate: true },
  ].map((rest) => evaluate(snapshots, { attr, ...rest }));
}

function allAnswers(changed: Expected): unknown[] {
  return [changed, inverted(changed), inverted(changed), changed].map(answer);
}

const side = (value: unknown): unknown => (value === undefined ? {} : { f: value });
const pre = (path: string, rest: object): Record<string, unknown> => ({
  attr: `snapshots.prechange${path}`,
  ...rest,
});
const post = (path: string, rest: object): Record<string, unknown> => ({
  attr: `snapshots.postchange${path}`,
  ...rest,
});

describe('a path into a snapshot', () => {
  it.each<Row>([
    [pre('.status', { value: 'planned' }), true],
    [post('.status', { value: 'active' }), true],
    [post('.meta.owner', { op: 'regex', value: 'a' }), true],
    [pre('.count', { op: 'gte', value: 3 }), true],
    [pre('.statsu', { value: null }), /there is no "statsu"/],
    [pre('.status.value', { value: 'planned' }), /"value" cannot be read from text/],
    [pre('', { value: null }), false],
    [pre('', { op: 'contains', value: 'status' }), true],
  ])('on update %j is %s', (condition, expected) => {
    expect(evaluate(updated, condition)).toEqual(answer(expected));
  });

  it.each<Row>([
    [pre('', { value: null }), true],
    [pre('', { value: null, negate: true }), false],
    [post('', { value: null }), false],
    [pre('.status', { value: null }), true],
    [pre('.status', { value: null, negate: true }), false],
    [pre('.status', { value: 'planned' }), false],
    [pre('.status', { value: 'planned', negate: true }), true],
    [pre('.count', { op: 'gt', value: 1 }), false],
    [pre('.count', { op: 'gt', value: 1, negate: true }), true],
    [pre('.count', { op: 'lte', value: 1 }), false],
    [pre('.tags', { op: 'contains', value: 1 }), false],
    [pre('.status', { op: 'regex', value: '' }), false],
    [pre('.status', { op: 'regex', value: '', negate: true }), true],
    [pre('.status', { op: 'in', value: [null] }), true],
    [pre('.statsu', { value: null }), /there is no "statsu"/],
    [pre('.statsu', { value: 1, negate: true }), /there is no "statsu"/],
    [pre('.status.value', { value: null }), /"value" cannot be read from text/],
    [pre('.note.text', { value: null }), /"text" cannot be read from null/],
  ])('on create %j is %s', (condition, expected) => {
    expect(evaluate(created, condition)).toEqual(answer(expected));
  });

  it.each<Row>([
    [post('', { value: null }), true],
    [post('.status', { value: null }), true],
    [post('.status', { value: 'active' }), false],
    [post('.statsu', { value: null }), /there is no "statsu"/],
    [pre('.status', { value: 'planned' }), true],
  ])('on delete %j is %s', (condition, expected) => {
    expect(evaluate(deleted, condition)).toEqual(answer(expected));
  });

  it.each<[Snapshots]>([[null], [undefined]])('fails closed where snapshots are %s', (snapshots) => {
    expect(evaluate(snapshots, pre('', { value: null }))).toEqual(answer(/the event has no snapshots/));
  });

  it('fails closed where both snapshots are null', () => {
    const snapshots = { prechange: null, postchange: null };
    expect(evaluate(snapshots, pre('.status', { value: null }))).toEqual(
      answer(/"status" cannot be read from null/),
    );
  });
});

describe('changed and unchanged', () => {
  it.each<[what: string, was: unknown, is: unknown, changed: boolean]>([
    ['a different value', 'a', 'b', true],
    ['the same value', 'a', 'a', false],
    ['the same number', 1, 1.0, false],
    ['true and 1', true, 1, true],
    ['null and empty text', null, '', true],
    ['the same null', null, null, false],
    ['the same list', [1, { a: 2 }], [1, { a: 2 }], false],
    ['a list in another order', [1, 2], [2, 1], true],
    ['an object with its keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }, false],
    ['another shape', 'a', { value: 'a' }, true],
    ['a field that came', undefined, 1, true],
    ['a field that came as null', undefined, null, true],
    ['a field that went', 1, undefined, true],
  ])('tell %s', (_, was, is, changed) => {
    const snapshots = { prechange: side(was), postchange: side(is) };
    expect(allWays(snapshots, 'f')).toEqual(allAnswers(changed));
  });

  it.each<[string, Snapshots]>([
    ['create', created],
    ['delete', deleted],
  ])('take every field as changed on %s', (_, snapshots) => {
    expect(allWays(snapshots, 'status')).toEqual(allAnswers(true));
    expect(allWays(snapshots, 'note')).toEqual(allAnswers(true));
  });

  const list = [{ s: 1 }];
  it.each<[what: string, snapshots: Snapshots, attr: string, expected: Expected]>([
    ['neither has the field', updated, 'statsu', /neither snapshot has it: there is no "statsu"/],
    [
      'neither can be walked',
      updated,
      'status.value',
      /neither snapshot has it: "value" cannot be read from text/,
    ],
    [
      'falsy text cannot be walked',
      { prechange: { f: '' }, postchange: { f: 0 } },
      'f.x',
      /neither snapshot/,
    ],
    [
      'only nulls are on the way',
      { prechange: { f: null }, postchange: { f: null } },
      'f.x',
      /neither snapshot/,
    ],
    [
      'both lists are empty',
      { prechange: { f: [] }, postchange: { f: [] } },
      'f.s',
      /cannot be told from an empty list/,
    ],
    ['one list is empty', { prechange: { f: [] }, postchange: { f: list } }, 'f.s', true],
    ['lists are the same', { prechange: { f: list }, postchange: { f: list } }, 'f.s', false],
    ['empty lists are the field itself', { prechange: { f: [] }, postchange: { f: [] } }, 'f', false],
    ['one side cannot be walked', { prechange: { f: 'a' }, postchange: { f: { x: 1 } } }, 'f.x', true],
    ['a created object has no such field', created, 'statsu', /there is no "statsu"/],
    ['a deleted object has no such field', deleted, 'statsu', /there is no "statsu"/],
    ['there are no snapshots', null, 'status', /the event has no snapshots/],
    ['both snapshots are null', { prechange: null, postchange: null }, 'status', /neither snapshot/],
    ['the snapshots are no object', 'text' as unknown as Snapshots, 'status', /neither snapshot/],
  ])('answer where %s', (_, snapshots, attr, expected) => {
    expect(allWays(snapshots, attr)).toEqual(allAnswers(expected));
  });

  it('fire together with a value only when the value was just reached', () => {
    const json = {
      and: [
        { attr: 'status.value', value: 'active' },
        { attr: 'status', op: 'changed' },
      ],
    };
    expect(evaluate(updated, json)).toEqual({ matched: true });
    expect(evaluate({ prechange: after, postchange: after }, json)).toEqual({ matched: false });
  });
});
