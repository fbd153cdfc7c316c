import { describe, expect, it } from 'vitest';
import { compileConditions } from '../../../lib/conditions/compile-conditions.js';
import type { ConditionSubject } from '../../../lib/conditions/condition-subject.js';
import { answer, type Expected } from './answer.js';

type Row = [what: string, data: unknown, condition: Record<string, unknown>, expected: Expected];

describe('a path into data', () => {
  it.each<Row>([
    ['a key', { a: 1 }, { attr: 'a', value: 1 }, true],
    ['nested keys', { a: { b: { c: 123 } } }, { attr: 'a.b.c', value: 123 }, true],
    ['a null value', { a: null }, { attr: 'a', value: null }, true],
    ['a null value, negated', { a: null }, { attr: 'a', value: null, negate: true }, false],
    ['a missing key', { a: 1 }, { attr: 'b', value: null }, /there is no "b"/],
    ['a missing key, negated', { a: 1 }, { attr: 'b', value: 1, negate: true }, /there is no "b"/],
    ['a key that holds undefined', { a: undefined }, { attr: 'a', value: null }, /there is no "a"/],
    ['null on the way', { a: null }, { attr: 'a.b', value: null }, /"b" cannot be read from null/],
    ['empty text on the way', { a: '' }, { attr: 'a.b', value: null }, /"b" cannot be read from text/],
    ['a number on the way', { a: 5 }, { attr: 'a.b', value: null }, /"b" cannot be read from a number/],
    ['text on the way', { a: 's' }, { attr: 'a.length', value: 1 }, /"length" cannot be read from text/],
    ['a list', { t: [{ s: 'a' }, { s: 'b' }] }, { attr: 't.s', op: 'contains', value: 'b' }, true],
    ['a list, in order', { t: [{ s: 'a' }, { s: 'b' }] }, { attr: 't.s', value: ['a', 'b'] }, true],
    ['a list of objects, deeper', { t: [{ s: { v: 1 } }] }, { attr: 't.s.v', value: [1] }, true],
    ['an empty list', { t: [] }, { attr: 't.s', value: [] }, true],
    ['an empty list and contains', { t: [] }, { attr: 't.s', op: 'contains', value: 'a' }, false],
    ['a list as data', [{ s: 1 }], { attr: 's', value: [1] }, true],
    ['an element without the key', { t: [{ s: 1 }, {}] }, { attr: 't.s', value: [1] }, /there is no "s"/],
    ['an element that is null', { t: [{ s: 1 }, null] }, { attr: 't.s', value: [1] }, /from null/],
    ['an element that is text', { t: ['x'] }, { attr: 't.s', value: [1] }, /from text/],
    ['a list within a list', { t: [[{ s: 1 }]] }, { attr: 't.s', value: [1] }, /from a list within a list/],
    [
      'lists within objects of a list',
      { t: [{ u: [{ s: 1 }] }] },
      { attr: 't.u.s', value: [1] },
      /list within a list/,
    ],
    ['an index', { t: [{ a: 1 }] }, { attr: 't.0.a', value: 1 }, /there is no "0"/],
    [
      'the length of a list',
      { t: [1] },
      { attr: 't.length', value: 1 },
      /"length" cannot be read from a number/,
    ],
    ['a key with a dot, which no path reaches', { 'a.b': 1 }, { attr: 'a.b', value: 1 }, /there is no "a"/],
    ['a key named like a set', { and: 1 }, { attr: 'and', value: 1 }, true],
    ['data that is text', 'text', { attr: 'a', value: 1 }, /cannot be read from text/],
    ['no data', null, { attr: 'a', value: null }, false],
    ['no data, negated', null, { attr: 'a', value: 1, negate: true }, false],
  ])('through %s', (_, data, condition, expected) => {
    expect(compileConditions(condition)({ data, snapshots: null })).toEqual(answer(expected));
  });

  it('leaves other branches alone where there is no data at all', () => {
    const json = {
      or: [
        { attr: 'a', value: 1 },
        { attr: '$event', value: 'create' },
      ],
    };
    expect(compileConditions(json)({ data: undefined, snapshots: null, event: 'create' })).toEqual({
      matched: true,
    });
  });
});

describe('a path to what surrounds the data', () => {
  const subject: ConditionSubject = {
    data: { $event: 'shadow', event: 'shadow', username: 'shadow' },
    snapshots: null,
    event: 'update',
    model: 'site',
    username: 'ada',
    changed: ['status', 'name'],
  };

  it.each<[condition: Record<string, unknown>, expected: Expected]>([
    [{ attr: '$event', value: 'update' }, true],
    [{ attr: '$event', op: 'in', value: ['create', 'delete'] }, false],
    [{ attr: '$model', value: 'site' }, true],
    [{ attr: '$username', op: 'regex', value: 'a' }, true],
    [{ attr: '$changed', op: 'contains', value: 'status' }, true],
    [{ attr: '$changed', value: ['status', 'name'] }, true],
    [{ attr: 'event', value: 'shadow' }, true],
  ])('%j is %s', (condition, expected) => {
    expect(compileConditions(condition)(subject)).toEqual(answer(expected));
  });

  it.each<[condition: Record<string, unknown>, expected: boolean]>([
    [{ attr: '$username', value: null }, true],
    [{ attr: '$username', value: 'ada' }, false],
    [{ attr: '$username', value: 'ada', negate: true }, true],
    [{ attr: '$username', op: 'regex', value: 'bot-' }, false],
    [{ attr: '$username', op: 'regex', value: 'bot-', negate: true }, true],
  ])('outside a request %j is %s', (condition, expected) => {
    expect(compileConditions(condition)({ ...subject, username: null })).toEqual(answer(expected));
  });

  it.each(['$event', '$model', '$username', '$changed'])('fails closed where %s was not given', (attr) => {
    const { error } = compileConditions({ attr, value: null })({ data: {}, snapshots: null });
    expect(error).toMatch(/(?:is|are) not known here/);
  });
});
