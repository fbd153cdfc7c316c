import { describe, expect, it } from 'vitest';
import { compileConditions } from '../../../lib/conditions/compile-conditions.js';
import { compilePattern } from '../../../lib/conditions/compile-pattern.js';
import { CONDITION_LIMITS } from '../../../lib/conditions/condition-limits.js';
import { patternCost } from '../../../lib/conditions/pattern-cost.js';
import { timeHeld } from '../../support/time-held.js';

const fine = { attr: 'a', value: 1 };
const TOO_MUCH = /it takes more work than one evaluation may do/;

function many(count: number, element: unknown): unknown[] {
  return Array.from({ length: count }, () => element);
}

function nested(levels: number): unknown {
  let json: unknown = fine;
  for (let level = 0; level < levels; level++) json = { and: [json] };
  return json;
}

function deepList(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

function largeObject(): object {
  return Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [`key${index}`, index]));
}

/** The result of a bare condition on `{ a: actual }`, and the milliseconds of the second of two evaluations. */
function timed(
  condition: object,
  actual: unknown,
): { result: { matched: boolean; error?: string }; elapsed: number } {
  const evaluate = compileConditions({ attr: 'a', ...condition });
  const subject = {
    data: { a: actual },
    snapshots: { prechange: { a: actual }, postchange: { a: structuredClone(actual) } },
  };
  evaluate(subject);
  const { result, milliseconds: elapsed } = timeHeld(() => evaluate(subject));
  return { result, elapsed };
}

describe('the bounds of a definition', () => {
  it.each<[what: string, within: unknown, beyond: unknown, message: RegExp]>([
    ['depth of sets', nested(32), nested(33), /nested deeper than 32 levels/],
    ['conditions and sets', { and: many(499, fine) }, { and: many(500, fine) }, /more than 500/],
    [
      'size',
      { attr: 'a', value: 'x'.repeat(65_000) },
      { attr: 'a', value: 'x'.repeat(66_000) },
      /longer than 65536/,
    ],
    [
      'size of lists',
      { attr: 'a', value: Array(20_000).fill(0) },
      { attr: 'a', value: Array(40_000).fill(0) },
      /65536/,
    ],
    [
      'depth of values',
      { attr: 'a', value: deepList(98) },
      { attr: 'a', value: deepList(100) },
      /deeper than 100/,
    ],
    [
      'keys of a path',
      { attr: Array(32).fill('k').join('.'), value: 1 },
      { attr: Array(33).fill('k').join('.'), value: 1 },
      /32 keys/,
    ],
    [
      'length of a pattern',
      { attr: 'a', op: 'regex', value: 'x'.repeat(500) },
      { attr: 'a', op: 'regex', value: 'x'.repeat(501) },
      /500 characters/,
    ],
    [
      'size of a program',
      { attr: 'a', op: 'regex', value: '([a-z]*){900}$' },
      { attr: 'a', op: 'regex', value: '(([a-z]*)[a-z]){900}$' },
      /more than 5000/,
    ],
    [
      'cost of a pattern',
      { attr: 'a', op: 'regex', value: 'a{50}'.repeat(90) },
      { attr: 'a', op: 'regex', value: 'a{200}'.repeat(80) },
      /repeats or folds too much/,
    ],
    [
      'cost of all patterns',
      { and: many(7, { attr: 'a', op: 'regex', value: '([a-z]*){900}$' }) },
      { and: many(8, { attr: 'a', op: 'regex', value: '([a-z]*){900}$' }) },
      /too large together/,
    ],
  ])('%s', (_, within, beyond, message) => {
    expect(compileConditions(within)).toBeTypeOf('function');
    expect(() => compileConditions(beyond)).toThrow(message);
  });

  it('end a definition that refers to itself', () => {
    const json: { and: unknown[] } = { and: [] };
    json.and.push(json);
    expect(() => compileConditions(json)).toThrow(/nested deeper/);
  });

  it('end a sparse list of a billion elements', () => {
    expect(() => compileConditions({ attr: 'a', value: Array(1e9) })).toThrow(/longer than/);
  });
});

describe('the cost of a pattern is told from its text', () => {
  it.each<[pattern: string, cost: number]>([
    ['abc', 3],
    ['[0-9a-f]{8}-[0-9a-f]{4}', 23 * 8],
    ['(a{10}){20}', 11 * 200],
    ['(a{30}[(]){30}', 14 * 900],
    ['(a{30}\\)\\(){30}', 15 * 900],
    ['(a{30}\\Q(\\E){30}', 16 * 900],
    ['(a{30}[]()]){30}', 16 * 900],
    ['((a{100}){100}){100}', 20 * 1_000],
    ['a{2,50}', 7 * 50],
    ['\\pL', 3 + 400],
    ['(?i)[a-z]', 9],
    ['(?i)[a-\\x{1E900}]', 17 + 5_000],
  ])('%s', (pattern, cost) => expect(patternCost(pattern)).toBe(cost));

  it.each([
    ['copies', '(?:' + 'a|'.repeat(20) + 'b){900}'],
    ['wide ranges under (?i)', '(?i)' + '[B-\u{1E900}]'.repeat(9)],
    ['Unicode classes', '(?i)[' + '\\pL'.repeat(110) + ']'],
  ])('so that the dearest still allowed compiles at once: %s', (_, value) => {
    expect(patternCost(value)).toBeGreaterThan(CONDITION_LIMITS.patternCost / 2);
    const start = performance.now();
    // Whether the program then turns out too large is only known after the work.
    compilePattern(value, { left: CONDITION_LIMITS.totalPatternCost });
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('an evaluation over its bound fails closed', () => {
  it.each<[what: string, condition: object, actual: unknown]>([
    ['a pattern on a long text', { op: 'regex', value: '([a-z]*){900}$' }, 'a'.repeat(100_000)],
    ['a plain pattern on a very long text', { op: 'regex', value: 'ab' }, 'a'.repeat(1_000_000)],
    [
      'a slow substring search',
      { op: 'contains', value: `${'a'.repeat(15_000)}b${'a'.repeat(15_000)}` },
      'a'.repeat(1_000_000),
    ],
    ['an element of a very long list', { op: 'contains', value: [1] }, many(200_000, [2])],
    ['changed on a huge value', { op: 'changed' }, Array(600_000).fill(1)],
    [
      'a large object looked up in a list of objects',
      { op: 'in', value: many(5_000, { b: 1 }) },
      largeObject(),
    ],
    ['a path through a very long list', { attr: 'a.b', value: [] }, many(200_000, { b: 1 })],
  ])('%s', (_, condition, actual) => {
    const { result, elapsed } = timed(condition, actual);
    expect(result).toEqual({ matched: false, error: expect.stringMatching(TOO_MUCH) as unknown });
    expect(elapsed).toBeLessThan(200);
  });

  it('changed on a value of more than 100 levels', () => {
    expect(timed({ op: 'changed' }, deepList(98)).result).toEqual({ matched: false });
    expect(timed({ op: 'changed' }, deepList(200)).result.error).toMatch(/nested deeper than 100 levels/);
  });

  it('counts all conditions of a definition together', () => {
    const one = { attr: 'a', op: 'regex', value: '[a-z]*$' };
    const subject = { data: { a: 'a'.repeat(30_000) }, snapshots: null };
    expect(compileConditions(one)(subject)).toEqual({ matched: true });
    expect(compileConditions({ and: many(100, one) })(subject).error).toMatch(TOO_MUCH);
  });
});

describe('the worst match that is still allowed', () => {
  const patterns = [
    '([a-z]*){900}$',
    '(?:[a-z]*){900}$',
    '(a?){1000}b',
    '(?i)(?:\\pL*){300}$',
    '(?s).*',
    '(?:(?:a*)*)*b',
    '.*.*.*.*.*x',
    '(\\b|\\B|a)*c',
    '(?:a{0,2}){450}b',
    '(?:' + '(a)|'.repeat(100) + 'b)*c',
  ];
  it.each(patterns)('%s stays under 50 ms', (value) => {
    const length = longestAllowed(value);
    const best = Math.min(
      ...Array.from({ length: 3 }, () => timed({ op: 'regex', value }, 'a'.repeat(length)).elapsed),
    );
    expect(timed({ op: 'regex', value }, 'a'.repeat(length)).result.error).toBeUndefined();
    expect(timed({ op: 'regex', value }, 'a'.repeat(length * 2 + 2)).result.error).toMatch(TOO_MUCH);
    expect(best).toBeLessThan(50);
  });
});

function longestAllowed(value: string): number {
  const evaluate = compileConditions({ attr: 'a', op: 'regex', value });
  let within = 0;
  let beyond: number = CONDITION_LIMITS.steps;
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2);
    if (evaluate({ data: { a: 'a'.repeat(middle) }, snapshots: null }).error === undefined) within = middle;
    else beyond = middle;
  }
  return within;
}
