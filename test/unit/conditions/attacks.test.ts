import { afterEach, describe, expect, it } from 'vitest';
import { compileConditions } from '../../../lib/conditions/compile-conditions.js';
import { parseConditions } from '../../../lib/conditions/parse-conditions.js';
import { printConditions } from '../../../lib/conditions/print-conditions.js';

const INHERITED = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'length',
  '__defineGetter__',
];
const before = Object.getOwnPropertyNames(Object.prototype).toSorted();

afterEach(() => {
  const after = Object.getOwnPropertyNames(Object.prototype).toSorted();
  if (after.join() !== before.join()) throw new Error('Object.prototype was changed.');
});

describe('names that every object inherits', () => {
  const owners = [
    {},
    { a: {} },
    { a: [{}] },
    { a: [[]] },
    { a: ['text'] },
    { a: 'text' },
    { a: 5 },
    { a: null },
  ];
  it.each(INHERITED)('lead nowhere: %s', (name) => {
    const inheriting = Object.create({ [name]: 'x', a: { [name]: 'x' } }) as object;
    for (const data of [...owners, inheriting]) {
      for (const path of [name, `a.${name}`, `a.${name}.name`, `${name}.${name}`]) {
        for (const attr of [path, `snapshots.prechange.${path}`]) {
          const subject = { data, snapshots: { prechange: data, postchange: data } };
          const { matched, error } = compileConditions({ attr, value: 'x', negate: true })(subject);
          expect(matched).toBe(false);
          expect(error).toMatch(/there is no|cannot be read/);
        }
      }
    }
  });

  it.each(INHERITED)('are ordinary names where the data owns them: %s', (name) => {
    const data: unknown = JSON.parse(`{"${name}": {"${name}": 1}}`);
    expect(compileConditions({ attr: `${name}.${name}`, value: 1 })({ data, snapshots: null })).toEqual({
      matched: true,
    });
    expect(compileConditions({ attr: name, op: 'contains', value: name })({ data, snapshots: null })).toEqual(
      { matched: true },
    );
  });

  it.each(INHERITED)('are no keys for contains: %s', (value) => {
    const evaluate = compileConditions({ attr: 'a', op: 'contains', value });
    expect(evaluate({ data: { a: {} }, snapshots: null })).toEqual({ matched: false });
  });

  it.each(INHERITED)('are no keys of a condition: %s', (name) => {
    const json: unknown = JSON.parse(`{"attr": "a", "value": 1, "${name}": {"op": "in"}}`);
    expect(() => compileConditions(json)).toThrow(/only the keys/);
  });

  it('are not taken from a prototype of the definition', () => {
    const json = Object.create({ attr: 'a', value: 1 }) as object;
    expect(compileConditions(json)({ data: {}, snapshots: null })).toEqual({ matched: true });
    expect(() => compileConditions({ and: [json] })).toThrow(/and\[0\]\.attr/);
  });

  it('are not compared with what an object inherits', () => {
    const evaluate = compileConditions({ attr: 'a', op: 'in', value: [JSON.parse('{"__proto__": {}}')] });
    expect(evaluate({ data: { a: { b: 1 } }, snapshots: null })).toEqual({ matched: false });
  });

  it('survive in a value as data, compared and printed', () => {
    const value: unknown = JSON.parse('[{"__proto__": {"admin": true}}]');
    const json = { attr: 'a', op: 'in', value };
    const evaluate = compileConditions(json);
    expect(
      evaluate({ data: { a: JSON.parse('{"__proto__": {"admin": true}}') as unknown }, snapshots: null }),
    ).toEqual({ matched: true });
    expect(evaluate({ data: { a: {} }, snapshots: null })).toEqual({ matched: false });
    expect(JSON.stringify(printConditions(parseConditions(json)))).toContain('"__proto__":{"admin":true}');
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

function boom(): never {
  throw new Error('secret detail');
}

describe('hostile events', () => {
  const proxy = new Proxy({}, { getOwnPropertyDescriptor: boom, has: boom, get: boom, ownKeys: boom });
  it.each<[what: string, subject: unknown]>([
    [
      'a getter that throws',
      {
        data: {
          get a() {
            return boom();
          },
        },
        snapshots: null,
      },
    ],
    ['a proxy that throws', { data: proxy, snapshots: null }],
    ['a subject that throws', new Proxy({}, { get: boom })],
    ['no subject', null],
  ])('fail closed without their own words: %s', (_, subject) => {
    const result = compileConditions({ attr: 'a', value: 1 })(subject as never);
    expect(result).toEqual({ matched: false, error: '"a": it cannot be read' });
  });

  it('cannot answer with code of their own', () => {
    const a = {
      toString: boom,
      valueOf: boom,
      toJSON: boom,
      includes: () => true,
      [Symbol.toPrimitive]: boom,
    };
    for (const [op, value] of [
      ['eq', 'x'],
      ['in', ['x']],
      ['contains', 'x'],
    ] as const) {
      expect(compileConditions({ attr: 'a', op, value })({ data: { a }, snapshots: null })).toEqual({
        matched: false,
      });
    }
    for (const [op, value] of [
      ['gt', 1],
      ['regex', 'x'],
    ] as const) {
      expect(compileConditions({ attr: 'a', op, value })({ data: { a }, snapshots: null }).error).toMatch(
        /found an object/,
      );
    }
  });
});

it('an error says nothing of the values it met', () => {
  const data = { a: 'hunter2', b: ['hunter2'] };
  for (const json of [
    { attr: 'a.b', value: 1 },
    { attr: 'a', op: 'gt', value: 1 },
    { attr: 'b.x', value: 1 },
    { attr: 'a', op: 'contains', value: 1 },
  ]) {
    const { error } = compileConditions(json)({ data, snapshots: null });
    expect(error).toBeTypeOf('string');
    expect(error).not.toContain('hunter2');
  }
});
