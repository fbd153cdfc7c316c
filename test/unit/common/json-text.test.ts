import { describe, expect, it } from 'vitest';
import { toJsonText } from '../../../lib/common/json-text.js';

describe('toJsonText', () => {
  const rows: [what: string, value: unknown, text: string][] = [
    ['a bigint beyond 2^53', 9007199254740993n, '"9007199254740993"'],
    ['a date', new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)), '"2026-01-02T03:04:05.006Z"'],
    ['an invalid date', new Date(Number.NaN), 'null'],
    ['a buffer', Buffer.from([0, 255, 16]), '"AP8Q"'],
    ['a view on part of a buffer', new Uint8Array([1, 2, 3, 4]).subarray(1, 3), '"AgM="'],
    ['an array buffer', new Uint8Array([1]).buffer, '"AQ=="'],
    ['NaN', Number.NaN, 'null'],
    ['an infinity', -Infinity, 'null'],
    ['NUL in a string', 'a\u0000b', '"a\\u0000b"'],
    ['a lone surrogate', '\ud800', '"\\ud800"'],
    ['undefined in an object', { a: undefined, b: 1 }, '{"b":1}'],
    ['undefined in a list', [undefined, 1], '[null,1]'],
    ['undefined itself', undefined, 'null'],
    ['a map', new Map([['a', 1n]]), '{"a":"1"}'],
    ['a set', new Set(['a', 2n]), '["a","2"]'],
    ['a decimal string as it is', '1.5000', '"1.5000"'],
    ['keys in their order', { z: 1, a: { y: 1, b: 2 } }, '{"z":1,"a":{"y":1,"b":2}}'],
    [
      'the same things deep inside',
      { a: [{ d: new Date(0), b: Buffer.from('hi') }] },
      '{"a":[{"d":"1970-01-01T00:00:00.000Z","b":"aGk="}]}',
    ],
    ['toJSON of a class', { money: { toJSON: () => '1.50 EUR' } }, '{"money":"1.50 EUR"}'],
  ];
  it.each(rows)('encodes %s', (_, value, text) => expect(toJsonText(value)).toBe(text));
});
