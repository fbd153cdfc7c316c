import 'reflect-metadata';
import { Exclude, Expose, Transform, Type, instanceToPlain } from 'class-transformer';
import { assert, jsonValue, object, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasRules } from '../../../lib/capture/class-rules.js';
import { plainText } from '../../../lib/capture/plain-text.js';
import { toJsonText } from '../../../lib/common/json-text.js';

class Site {
  id = 1;
  name = 'site';
  get label(): string {
    return `the ${this.name}`;
  }
}
class Address {
  street = 'street';
  city?: string;
}
class Base {
  created = new Date(0);
  inherited = 'inherited';
  describe(): string {
    return 'a method';
  }
}
class Router extends Base {
  id = 7;
  late: string | undefined;
  site: unknown = new Site();
  address: unknown = new Address();
}

class Excluding {
  @Exclude() secret = 'secret';
  name = 'name';
}
class Exposing {
  @Expose({ name: 'other' }) name = 'name';
}
class ExposingGetter {
  first = 'a';
  @Expose() get full(): string {
    return `${this.first}!`;
  }
}
class Transforming {
  @Transform(({ value }) => (value instanceof Date ? 'a date' : (value as unknown))) when: unknown = new Date(
    0,
  );
}
class Typed {
  @Type(() => String) count = 5;
}
@Exclude()
class Nothing {
  name = 'name';
}
class InheritingRules extends Excluding {
  more = 1;
}
const RULED = [Excluding, Exposing, ExposingGetter, Transforming, Typed, Nothing, InheritingRules];

class WithToJson {
  name = 'name';
  toJSON(): string {
    return 'lost';
  }
}
class MapLike extends Map<string, unknown> {}
class DateLike extends Date {
  override toISOString(): string {
    return 'like';
  }
}
class ListLike extends Array<unknown> {
  toJSON(): string {
    return 'lost';
  }
}

/** Values that a property of an entity may have; made anew for each reader. */
const VALUES: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  text: () => 'a "quoted" \u2028 \ud800 \u0000 text',
  'a number': () => -0,
  'no number': () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  boolean: () => false,
  bigint: () => 2n ** 64n,
  symbol: () => Symbol('s'),
  'a date': () => new Date(1),
  'an invalid date': () => new Date(Number.NaN),
  'a date of another class': () => new DateLike(0),
  'a date with properties': () => Object.assign(new Date(0), { toJSON: () => 'own' }),
  'a buffer': () => Buffer.from('buffer'),
  bytes: () => new Uint8Array([1, 2]),
  'an array buffer': () => new ArrayBuffer(2),
  'a map': () => new Map([['a', new Date(0)]]),
  'a set': () => new Set([1, 'a']),
  'a map of another class': () => new MapLike([['a', 1]]),
  'a list': () => [1, undefined, null, [new Date(0)], { a: [] }],
  // eslint-disable-next-line no-sparse-arrays
  'a list with holes': () => [1, , 2],
  'a list with properties': () => Object.assign([1], { more: 2 }),
  'a list with toJSON': () => ListLike.from([1]),
  'a list of entities': () => [new Site(), new Excluding(), new Site()],
  JSON: () => ({ a: { b: [1, { c: null }] }, '': 0, toString: 'x', '1': 'first' }),
  'JSON with toJSON': () => ({ toJSON: 'text' }),
  'JSON with then': () => JSON.parse('{"then":"text"}') as unknown,
  'JSON with constructor': () => JSON.parse('{"constructor":1,"b":2}') as unknown,
  'JSON with __proto__': () => JSON.parse('{"__proto__":{"x":1},"b":2}') as unknown,
  'JSON without a prototype': () => Object.assign(Object.create(null) as object, { a: 1 }),
  'a method of its own': () => ({ call: () => 'called' }),
  'an arrow function': () => () => 'called',
  'a boxed text': () => new String('boxed'),
  'a boxed number': () => new Number(5),
  'an error': () => Object.assign(new Error('broken'), { code: 1 }),
  'a regular expression': () => /a/g,
  'an address of the web': () => new URL('https://example.org/'),
  'a class with toJSON': () => new WithToJson(),
  'a class of nothing': () => Object.assign(Object.create(Base.prototype) as object, { a: 1 }),
  'a getter of its own': () => Object.defineProperty({}, 'a', { enumerable: true, get: () => new Date(0) }),
  'a hidden property': () => Object.defineProperty({ b: 1 }, 'a', { enumerable: false, value: 1 }),
  'a symbol as a name': () => ({ [Symbol('s')]: 1, b: 2 }),
  'an entity in an entity': () => Object.assign(new Router(), { site: null }),
  arguments: () =>
    (function of(..._: unknown[]) {
      return arguments;
    })(1, 'a'),
  deep: () => Array.from({ length: 40 }).reduce<unknown>((value) => ({ value }), new Date(0)),
  ...Object.fromEntries(RULED.map((ruled) => [`an instance of ${ruled.name}`, () => new ruled()])),
};

/** What comes of it, be it a text or an error. */
function outcome(textOf: (entity: object) => string, entity: object): string {
  try {
    return textOf(entity);
  } catch (error) {
    return String(error);
  }
}
const ours = (entity: object) => outcome(plainText, entity);
const expected = (entity: object) => outcome((value) => toJsonText(instanceToPlain(value)), entity);

describe('the text of an entity', () => {
  it.each(Object.keys(VALUES))('is what class-transformer makes of %s', (name) => {
    const entity = () => Object.assign(new Router(), { late: VALUES[name]?.() });
    expect(ours(entity())).toBe(expected(entity()));
    const nested = () =>
      Object.assign(new Router(), { site: [{ a: VALUES[name]?.() }], address: VALUES[name]?.() });
    expect(ours(nested())).toBe(expected(nested()));
  });

  it.each(RULED)('holds to the rules of %o', (ruled) => {
    expect(hasRules(ruled)).toBe(true);
    expect(ours(new ruled())).toBe(expected(new ruled()));
  });

  it('is what class-transformer makes of any JSON', () => {
    assert(
      property(
        jsonValue(),
        object({
          withDate: true,
          withMap: true,
          withSet: true,
          withBigInt: true,
          withSparseArray: true,
          withNullPrototype: true,
          withTypedArray: true,
        }),
        (late, site) => {
          const entity = Object.assign(new Router(), { late, site });
          expect(ours(entity)).toBe(expected(entity));
        },
      ),
    );
  });

  it('takes the short way for classes without rules', () => {
    expect([Router, Site, Base, Object].map(hasRules)).toEqual([false, false, false, false]);
  });

  it('fails on what refers to itself', () => {
    const entity = new Router();
    entity.site = { router: entity };
    expect(() => plainText(entity)).toThrow(RangeError);
  });

  it('sees rules that are added later', () => {
    class Late {
      name = 'name';
    }
    expect(plainText(new Late())).toBe('{"name":"name"}');
    Exclude()(Late.prototype, 'name');
    expect(plainText(new Late())).toBe('{}');
  });
});
