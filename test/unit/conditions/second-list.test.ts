import { describe, expect, it } from 'vitest';
import { compileConditions } from '../../../lib/conditions/compile-conditions.js';
import { codeOf } from '../../support/code-of.js';
import { timeHeld } from '../../support/time-held.js';

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const subject = (data: unknown) => ({ data, snapshots: { prechange: data, postchange: data } });
/** A text of its own each time: texts that are one object are compared at once. */
const longText = (): string => Buffer.from('a'.repeat(5_000_000)).toString();
const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
};

/** The quickest of three, since other processes are about. */
function milliseconds(run: () => unknown): number {
  return Math.min(...times(3, () => timeHeld(run).milliseconds));
}

describe('definitions that are refused', () => {
  const cyclic: { and: unknown[] } = { and: [] };
  cyclic.and.push(cyclic);
  const holes: unknown[] = [];
  holes.length = 1e9;
  it.each([
    ['deep', nested(50_000)],
    ['wide', { and: times(100_000, () => ({ attr: 'a', value: 1 })) }],
    ['full of holes', { and: holes }],
    ['turning in a circle', cyclic],
    ['named like a prototype', JSON.parse('{"__proto__":{"attr":"a","value":1}}')],
    ['with an inherited operator', { attr: 'a', op: 'toString', value: 1 }],
    ['negated by a text', { attr: 'a', value: 1, negate: 'false' }],
    ['negated as a set', { and: [], negate: true }],
    ['beyond numbers', { attr: 'a', op: 'gt', value: JSON.parse('1e999') as number }],
    [
      'with hundreds of alternatives',
      { or: times(300, (i) => ({ attr: 'a', op: 'regex', value: times(40, (k) => k + i).join('|') })) },
    ],
    [
      'with hundreds of groups',
      { or: times(499, (i) => ({ attr: 'a', op: 'regex', value: `(a|b${i}){20}` })) },
    ],
  ])('%s', (_, definition) => {
    expect(codeOf(() => compileConditions(definition))).toBe('WEBHOOKS_CONDITION_INVALID');
  });
});

describe('events that are read', () => {
  it.each(['__proto__.x', 'constructor.name', 'text.length', 'list.length', 'thrown', 'proxy.x'])(
    'nothing is found at %s, negated or not',
    (attr) => {
      const data = {
        text: 'x',
        list: [1],
        proxy: new Proxy({}, { getOwnPropertyDescriptor: () => undefined }),
        get thrown(): never {
          throw new Error('thrown');
        },
      };
      for (const negate of [false, true]) {
        const result = compileConditions({ attr, value: 1, negate })(subject(data));
        expect(result).toMatchObject({ matched: false, error: expect.any(String) as string });
      }
    },
  );

  it('deep data does not overflow the stack', () => {
    const data = { d: nested(50_000) };
    const other = { d: nested(50_000) };
    const evaluate = compileConditions({ attr: 'd', op: 'changed' });
    expect(evaluate({ data, snapshots: { prechange: data, postchange: other } }).error).toMatch(
      /nested deeper/,
    );
  });

  it.each([
    ['searched for two characters', { attr: 'o', op: 'contains', value: 'ab' }],
    ['compared', { attr: 'o', op: 'changed' }],
    ['matched', { attr: 'o', op: 'regex', value: '(.*)(.*)(.*)x' }],
  ])('a long text that is %s again and again ends within 200 ms', (_, term) => {
    const [prechange, postchange] = [{ o: longText() }, { o: longText() }];
    const evaluate = compileConditions({
      or: times(400, () => ({ ...term, negate: term.op === 'unchanged' })),
    });
    const event = { data: prechange, snapshots: { prechange, postchange } };
    expect(evaluate(event).matched).toBe(false);
    expect(milliseconds(() => evaluate(event))).toBeLessThan(200);
  });
});
