import { describe, expect, it } from 'vitest';
import { compileConditions } from '../../../lib/conditions/compile-conditions.js';
import { ConditionInvalidError } from '../../../lib/conditions/condition-invalid-error.js';

function faultsOf(json: unknown): ConditionInvalidError {
  try {
    compileConditions(json);
  } catch (error) {
    if (error instanceof ConditionInvalidError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(json)}`);
}

const fine = { attr: 'a', value: 1 };

describe('the value that each operator takes', () => {
  const values = { text: 'a', true: true, number: 1, float: 1.5, list: [1], null: null, object: { a: 1 } };
  const accepted: Record<string, readonly (keyof typeof values)[]> = {
    eq: ['text', 'true', 'number', 'float', 'list', 'null'],
    gt: ['number', 'float'],
    gte: ['number', 'float'],
    lt: ['number', 'float'],
    lte: ['number', 'float'],
    in: ['list'],
    contains: ['text', 'true', 'number', 'float', 'list'],
    regex: ['text'],
    changed: [],
    unchanged: [],
  };
  const rows = Object.keys(accepted).flatMap((op) =>
    (Object.keys(values) as (keyof typeof values)[]).map((kind) => ({
      op,
      kind,
      takes: accepted[op]?.includes(kind),
    })),
  );
  it.each(rows.filter(({ takes }) => takes))('$op takes $kind', ({ op, kind }) => {
    expect(compileConditions({ attr: 'a', op, value: values[kind] })).toBeTypeOf('function');
  });

  it.each(rows.filter(({ takes }) => !takes))('$op refuses $kind', ({ op, kind }) => {
    const { issues } = faultsOf({ attr: 'a', op, value: values[kind] });
    expect(issues).toEqual([{ path: 'value', message: expect.any(String) as unknown }]);
  });

  it.each(['changed', 'unchanged'])('%s does without', (op) => {
    expect(compileConditions({ attr: 'a', op })).toBeTypeOf('function');
  });

  it.each(['eq', 'gt', 'gte', 'lt', 'lte', 'in', 'contains', 'regex'])('%s does not do without', (op) => {
    expect(faultsOf({ attr: 'a', op }).path).toBe('value');
  });
});

describe('a definition is refused with the path to its fault', () => {
  it.each<[json: unknown, path: string, message: RegExp]>([
    ['text', '', /is an object, not text/],
    ['', '', /is an object, not text/],
    [0, '', /is an object, not a number/],
    [false, '', /is an object, not a boolean/],
    [[fine], '', /is an object, not a list/],
    [{ AND: [fine] }, 'AND', /"AND" is written in lower case: "and"/],
    [{ Or: [fine] }, 'Or', /"Or" is written in lower case: "or"/],
    [{ xor: [fine] }, 'xor', /"xor" makes no set/],
    [{ and: null }, 'and', /a set holds a list, not null/],
    [{ and: fine }, 'and', /a set holds a list, not an object/],
    [{ and: [fine], negate: true }, 'negate', /a set has no other key than its "and"/],
    [{ and: [fine], or: [fine] }, 'or', /a set has no other key than its "and"/],
    [{ and: [1] }, 'and[0]', /is an object, not a number/],
    [{ and: [null] }, 'and[0]', /not null/],
    [{ and: [[fine]] }, 'and[0]', /not a list/],
    [
      { and: [fine, { or: [{ attr: 'a', value: 1, op: 'equals' }] }] },
      'and[1].or[0].op',
      /"equals" is no operator/,
    ],
    [{ and: [fine, { OR: [fine] }] }, 'and[1].OR', /lower case/],
    [{ and: [{}] }, 'and[0].attr', /path of an attribute is needed/],
    [{ attr: 'a', value: 1, op: 'EQ' }, 'op', /"EQ" is no operator: there are eq, gt/],
    [{ attr: 'a', value: 1, op: 'neq' }, 'op', /"neq" is no operator/],
    [{ attr: 'a', value: 1, op: 'toString' }, 'op', /is no operator/],
    [{ attr: 'a', value: 1, op: null }, 'op', /null is no operator/],
    [{ attr: 'a', value: 1, op: ['eq'] }, 'op', /a list is no operator/],
    [{ attr: 'a', value: 1, negate: 'false' }, 'negate', /true or false is needed, not text/],
    [{ attr: 'a', value: 1, negate: 1 }, 'negate', /not a number/],
    [{ attr: 'a', value: 1, negate: null }, 'negate', /not null/],
    [{ attr: 'a', value: 1, colour: 'red' }, 'colour', /only the keys attr, value, op, negate/],
    [{ attr: 'a', value: 1, 'a\n<b>': 1 }, '["a\\n<b>"]', /only the keys/],
    [{ value: 1 }, 'attr', /path of an attribute is needed/],
    [{ attr: 5, value: 1 }, 'attr', /path of an attribute is needed/],
    [{ attr: '', value: 1 }, 'attr', /the path is empty/],
    [{ attr: 'a..b', value: 1 }, 'attr', /has an empty key/],
    [{ attr: '.a', value: 1 }, 'attr', /has an empty key/],
    [{ attr: 'snapshots', value: null }, 'attr', /followed by ".prechange" or ".postchange"/],
    [{ attr: 'snapshots.before.a', value: null }, 'attr', /followed by/],
    [{ attr: '$user', value: 1 }, 'attr', /"\$user" is not known: there are \$event/],
    [{ attr: '$event.name', value: 1 }, 'attr', /\$event has no keys/],
    [{ attr: 'snapshots.prechange.a', op: 'changed' }, 'attr', /looks in both snapshots itself/],
    [{ attr: '$event', op: 'unchanged' }, 'attr', /looks in both snapshots itself/],
    [{ attr: 'a', op: 'changed', value: null }, 'value', /takes no value/],
    [{ attr: 'a', value: { b: 1 } }, 'value', /objects cannot be compared as a whole/],
    [{ attr: 'a', op: 'gt', value: true }, 'value', /"gt" compares with a number, not a boolean/],
    [{ attr: 'a', op: 'gt', value: Number.NaN }, 'value', /not finite is no JSON value/],
    [{ attr: 'a', value: [() => 1] }, 'value[0]', /a function is no JSON value/],
    [
      { attr: 'a', op: 'regex', value: '(' },
      'value',
      /not a regular expression in RE2's syntax: missing closing/,
    ],
    [{ attr: 'a', op: 'regex', value: '(?=a)' }, 'value', /not a regular expression/],
    [{ attr: 'a', op: 'regex', value: '(?<=a)b' }, 'value', /not a regular expression/],
    [{ attr: 'a', op: 'regex', value: '(a)\\1' }, 'value', /not a regular expression/],
    [{ attr: 'a', op: 'regex', value: 'a\\Z' }, 'value', /not a regular expression/],
    [{ attr: 'a', op: 'regex', value: '(?x)a' }, 'value', /not a regular expression/],
    [{ attr: 'a', op: 'regex', value: '\\u00e9' }, 'value', /not a regular expression/],
  ])('%j at %j', (json, path, message) => {
    const error = faultsOf(json);
    expect(error.code).toBe('WEBHOOKS_CONDITION_INVALID');
    expect(error.path).toBe(path);
    expect(error.issues[0]?.message).toMatch(message);
    expect(error.message).toContain(path === '' ? error.issues[0]?.message : `${path}: `);
  });
});

it('refuses a bigint', () => {
  expect(faultsOf({ attr: 'a', value: 10n }).issues).toEqual([
    { path: 'value', message: 'a bigint is no JSON value' },
  ]);
});

it('reports all faults together, in the order of the definition', () => {
  const error = faultsOf({
    and: [
      { attr: 'a', op: 'gt', value: 'x', negate: 'no' },
      fine,
      { or: [7, { attr: 'b', op: 'like', value: 1 }] },
    ],
  });
  expect(error.issues.map(({ path }) => path)).toEqual([
    'and[0].negate',
    'and[0].value',
    'and[2].or[0]',
    'and[2].or[1].op',
  ]);
  for (const { path } of error.issues) expect(error.message).toContain(path);
});

it('names the first five faults in its message and counts the others', () => {
  const error = faultsOf({ and: Array.from({ length: 8 }, () => 1) });
  expect(error.issues).toHaveLength(8);
  expect(error.message).toContain('and 3 more');
});

it('takes an undefined key for one that is not there', () => {
  expect(compileConditions({ ...fine, op: undefined, negate: undefined })).toBeTypeOf('function');
  expect(faultsOf({ attr: 'a', value: undefined }).path).toBe('value');
});

it('does not follow later changes of the definition', () => {
  const json = { attr: 'a', op: 'in', value: [1] };
  const evaluate = compileConditions(json);
  json.value.push(2);
  json.attr = 'b';
  expect(evaluate({ data: { a: 2 }, snapshots: null })).toEqual({ matched: false });
});
