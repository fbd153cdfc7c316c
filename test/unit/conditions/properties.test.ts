import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileConditions } from '../../../lib/conditions/compile-conditions.js';
import { ConditionInvalidError } from '../../../lib/conditions/condition-invalid-error.js';
import type { ConditionSubject } from '../../../lib/conditions/condition-subject.js';
import { explainConditions } from '../../../lib/conditions/explain-conditions.js';
import { parseConditions } from '../../../lib/conditions/parse-conditions.js';
import { printConditions } from '../../../lib/conditions/print-conditions.js';
import type { ConditionResult } from '../../../lib/conditions/run-conditions.js';

const key = fc.constantFrom('a', 'b', 'c', 'and', '__proto__', 'constructor', 'length');
const scalar = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, 1, 'a', 'b', ''),
  fc.integer(),
  fc.string(),
);
const { json: dataValue } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(key, tie('json'), { maxKeys: 4 }),
  ),
}));
const dataPath = fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => keys.join('.'));
const attr = fc.oneof(
  { weight: 4, arbitrary: dataPath },
  { weight: 2, arbitrary: dataPath.map((path) => `snapshots.prechange.${path}`) },
  fc.constantFrom('snapshots.postchange', '$event', '$model', '$username', '$changed'),
);
const list = fc.array(dataValue, { maxLength: 3 });
const negate = fc.constantFrom({}, { negate: true }, { negate: false });
const term = fc
  .oneof(
    fc.record({ attr, value: fc.oneof(scalar, list) }),
    fc.record({ attr, op: fc.constantFrom('gt', 'gte', 'lt', 'lte'), value: fc.integer() }),
    fc.record({ attr, op: fc.constant('in'), value: list }),
    fc.record({ attr, op: fc.constant('contains'), value: scalar.filter((value) => value !== null) }),
    fc.record({ attr, op: fc.constant('regex'), value: fc.constantFrom('a', '.*b$', '[a-c]+', '') }),
    fc.record({ attr: dataPath, op: fc.constantFrom('changed', 'unchanged') }),
  )
  .chain((condition) => negate.map((negation) => ({ ...condition, ...negation })));
const { node } = fc.letrec<{ node: Record<string, unknown> }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    term,
    fc.array(tie('node'), { maxLength: 4 }).map((and) => ({ and })),
    fc.array(tie('node'), { maxLength: 4 }).map((or) => ({ or })),
  ),
}));
const snapshot = fc.oneof(fc.constant(null), dataValue);
const subject: fc.Arbitrary<ConditionSubject> = fc.record(
  {
    data: fc.oneof(fc.dictionary(key, dataValue), dataValue),
    snapshots: fc.oneof(fc.constant(null), fc.record({ prechange: snapshot, postchange: snapshot })),
    event: fc.constantFrom('create', 'update', 'delete'),
    model: fc.constant('site'),
    username: fc.constantFrom(null, 'ada'),
    changed: fc.array(fc.constantFrom('a', 'b')),
  },
  { requiredKeys: ['data', 'snapshots'] },
);

const { logic } = fc.letrec<{ logic: Logic }>((tie) => ({
  logic: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Logic>('yes', 'no', 'bad'),
    fc.record({ and: fc.array(tie('logic'), { maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('logic'), { maxLength: 3 }) }),
  ),
}));

describe('for any definition and any event', () => {
  it('parse, print, parse and print give the same', () => {
    fc.assert(
      fc.property(node, subject, (json, event) => {
        const printed = printConditions(parseConditions(json));
        // As text, so that the order of keys counts, and keys like `constructor` are nothing special.
        expect(JSON.stringify(printConditions(parseConditions(printed)))).toBe(JSON.stringify(printed));
        expect(compileConditions(printed)(event)).toEqual(compileConditions(json)(event));
      }),
      { numRuns: 1_000 },
    );
  });

  it('an evaluation answers, and the explanation agrees with it', () => {
    fc.assert(
      fc.property(node, subject, (json, event) => {
        const result = compileConditions(json)(event);
        const { terms, ...explained } = explainConditions(json)(event);
        expect(result.matched).toBeTypeOf('boolean');
        expect(result.matched && result.error !== undefined).toBe(false);
        expect(explained).toEqual(result);
        expect(terms.some((one) => one.result === 'error')).toBe(result.error !== undefined);
      }),
      { numRuns: 1_000 },
    );
  });

  it('negating inverts an answer and leaves an error, so that negating twice is the identity', () => {
    fc.assert(
      fc.property(term, subject, (condition, event) => {
        // Nothing matches an event without data, negated or not.
        fc.pre(event.data !== null);
        const plain = compileConditions(condition)(event);
        expect(compileConditions(toggled(condition))(event)).toEqual(opposite(plain));
        expect(compileConditions(toggled(toggled(condition)))(event)).toEqual(plain);
      }),
      { numRuns: 1_000 },
    );
  });

  it('agrees with a plain reading of and, or and short circuit', () => {
    fc.assert(
      fc.property(logic, (tree) => {
        const { matched, error } = compileConditions(definition(tree))({ data: { a: 1 }, snapshots: null });
        expect(error === undefined ? matched : 'error').toBe(reading(tree));
      }),
      { numRuns: 1_000 },
    );
  });
});

it('anything at all either compiles or is refused with its own error', () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
  fc.assert(
    fc.property(anything, subject, (json, event) => {
      expect(['matched', 'unmatched', 'refused']).toContain(attempt(json, event));
    }),
    { numRuns: 2_000 },
  );
});

function attempt(json: unknown, event: ConditionSubject): string {
  try {
    return compileConditions(json)(event).matched ? 'matched' : 'unmatched';
  } catch (error) {
    return error instanceof ConditionInvalidError ? 'refused' : String(error);
  }
}

function toggled(condition: Record<string, unknown>): Record<string, unknown> {
  return { ...condition, negate: condition['negate'] !== true };
}

function opposite(result: ConditionResult): ConditionResult {
  return result.error === undefined ? { matched: !result.matched } : result;
}

type Logic = 'yes' | 'no' | 'bad' | { and: Logic[] } | { or: Logic[] };

function reading(tree: Logic): boolean | 'error' {
  if (tree === 'bad') return 'error';
  if (typeof tree === 'string') return tree === 'yes';
  const deciding = 'or' in tree;
  const items = 'or' in tree ? tree.or : tree.and;
  return items.map(reading).find((item) => item !== !deciding) ?? !deciding;
}

function definition(tree: Logic): unknown {
  if (tree === 'bad') return { attr: 'missing', value: 1 };
  if (typeof tree === 'string') return { attr: 'a', value: tree === 'yes' ? 1 : 2 };
  return 'and' in tree ? { and: tree.and.map(definition) } : { or: tree.or.map(definition) };
}
