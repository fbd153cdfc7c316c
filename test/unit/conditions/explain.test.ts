import { expect, it } from 'vitest';
import { explainConditions } from '../../../lib/conditions/explain-conditions.js';

const subject = {
  data: { status: { value: 'active' }, asn: 64500, tags: [{ slug: 'a' }] },
  snapshots: { prechange: { status: 'planned' }, postchange: { status: 'active' } },
  event: 'update',
  username: null,
};

it('tells what every condition read and came to', () => {
  const explain = explainConditions({
    and: [
      { attr: 'status.value', value: 'active' },
      { attr: 'asn', op: 'gt', value: 65000, negate: true },
      {
        or: [
          { attr: 'tags.slug', op: 'contains', value: 'b' },
          { attr: 'status', op: 'changed' },
          { attr: 'x', value: 1 },
        ],
      },
      { attr: '$username', value: null },
      { attr: 'asn', op: 'regex', value: '6' },
      { attr: 'asn', value: 1 },
    ],
  });
  expect(explain(subject)).toEqual({
    matched: false,
    error: 'and[4]: "asn": regex matches text and found a number',
    terms: [
      {
        path: 'and[0]',
        attr: 'status.value',
        op: 'eq',
        value: 'active',
        negate: false,
        actual: 'active',
        result: 'true',
      },
      { path: 'and[1]', attr: 'asn', op: 'gt', value: 65000, negate: true, actual: 64500, result: 'true' },
      {
        path: 'and[2].or[0]',
        attr: 'tags.slug',
        op: 'contains',
        value: 'b',
        negate: false,
        actual: ['a'],
        result: 'false',
      },
      {
        path: 'and[2].or[1]',
        attr: 'status',
        op: 'changed',
        negate: false,
        actual: { prechange: 'planned', postchange: 'active' },
        result: 'true',
      },
      { path: 'and[2].or[2]', attr: 'x', op: 'eq', value: 1, negate: false, result: 'skipped' },
      {
        path: 'and[3]',
        attr: '$username',
        op: 'eq',
        value: null,
        negate: false,
        actual: null,
        result: 'true',
      },
      {
        path: 'and[4]',
        attr: 'asn',
        op: 'regex',
        value: '6',
        negate: false,
        actual: 64500,
        result: 'error',
        error: '"asn": regex matches text and found a number',
      },
      { path: 'and[5]', attr: 'asn', op: 'eq', value: 1, negate: false, result: 'skipped' },
    ],
  });
});

it('explains a bare condition, and no conditions at all', () => {
  expect(explainConditions({ attr: 'nope', value: 1 })(subject)).toEqual({
    matched: false,
    error: '"nope": there is no "nope"',
    terms: [
      {
        path: '',
        attr: 'nope',
        op: 'eq',
        value: 1,
        negate: false,
        result: 'error',
        error: '"nope": there is no "nope"',
      },
    ],
  });
  expect(explainConditions(null)(subject)).toEqual({ matched: true, terms: [] });
});

it('shows the one side that a field came to or went from', () => {
  const explain = explainConditions({ attr: 'status', op: 'changed' });
  const { terms } = explain({ ...subject, snapshots: { prechange: null, postchange: { status: 'active' } } });
  expect(terms[0]).toMatchObject({ actual: { postchange: 'active' }, result: 'true' });
  expect(terms[0]?.actual).not.toHaveProperty('prechange');
});

it('keeps one evaluation apart from the next', () => {
  const explain = explainConditions({
    or: [
      { attr: 'asn', value: 1 },
      { attr: 'asn', value: 2 },
    ],
  });
  expect(explain({ data: { asn: 2 }, snapshots: null }).terms.map(({ result }) => result)).toEqual([
    'false',
    'true',
  ]);
  expect(explain({ data: { asn: 1 }, snapshots: null }).terms.map(({ result }) => result)).toEqual([
    'true',
    'skipped',
  ]);
});

it('shows no value for an attribute that could not be read', () => {
  const explain = explainConditions({
    and: [
      { attr: 'asn', value: 64500 },
      { attr: 'nope', value: 1 },
    ],
  });
  expect(explain(subject).terms.map((term) => 'actual' in term)).toEqual([true, false]);
});
