import { describe, expect, it } from 'vitest';
import { compileTemplate, type CompileTemplateOptions } from '../../../lib/rendering/compile-template.js';
import { TemplateError } from '../../../lib/rendering/template-error.js';

function failureOf(source: string, context: object = {}, options?: CompileTemplateOptions): TemplateError {
  try {
    compileTemplate(source, options)(context);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error(`"${source}" did not fail`);
}

describe('an error of a template', () => {
  it.each([
    ['SYNTAX', 'a\n{{ b c }}', 2, 6],
    ['SYNTAX', '{% if a %}', 1, 11],
    ['SYNTAX', 'ok\n{% nope %}', 2, 4],
    ['SYNTAX', '{{ a.b.', 1, 7],
    ['SYNTAX', '{{ a[] }}', 1, 5],
    ['SYNTAX', '{{ () }}', 1, 4],
    ['SYNTAX', '{# open', 1, 9],
    ['SYNTAX', 'x\n{% raw %} {% endra %}', 2, 8],
    ['FORBIDDEN', '\n\n  {% include "x" %}', 3, 6],
    ['FORBIDDEN', '{{ 1 + constructor }}', 1, 8],
    ['FORBIDDEN', '{% set a.b = 1 %}', 1, 9],
    ['FORBIDDEN', '{{ r/x/ }}', 1, 4],
    ['UNKNOWN', 'a\nb {{ x | nope }}', 2, 10],
    ['UNKNOWN', '{{ x is nope }}', 1, 9],
    ['UNKNOWN', '{{ x | default(nope=1) }}', 1, 8],
    ['UNKNOWN', 'a\n{{ x.nope() }}', 2, 10],
    ['UNKNOWN', '{{ nope(1) }}', 1, 8],
    ['UNKNOWN', '{{ "a".split(nope=1) }}', 1, 13],
    ['UNKNOWN', '{{ [1] | select("nope") }}', 1, 10],
    ['RUNTIME', 'a\n{{ 1 in 2 }}', 2, 4],
    ['RUNTIME', '{{ "abc" | batch }}', 1, 12],
    ['RUNTIME', '{{ {} | dictsort(false, "size") }}', 1, 9],
    ['LIMIT', '{% for i in range(999) %}\n{{ "x" | center(999999999) }}{% endfor %}', 2, 10],
  ])('%s in %j is found at line %i, column %i', (kind, source, line, column) => {
    const error = failureOf(source, { x: 'text' });
    expect(error).toMatchObject({ code: `WEBHOOKS_TEMPLATE_${kind}`, line, column });
    expect(error.message).toContain(`(line ${line}, column ${column})`);
  });

  it('names what is unknown', () => {
    expect(failureOf('{{ data.name.shout() }}', { data: { name: 'x' } }).message).toContain(
      'data.name.shout',
    );
  });

  it('never quotes a value, which may be secret', () => {
    const context = { secrets: { token: 'hunter2' } };
    const sources = [
      '{{ secrets.token.nope() }}',
      '{{ 1 in secrets.token.length }}',
      '{{ [1] | select(secrets.token) }}',
    ];
    for (const source of sources) expect(failureOf(source, context).message).not.toContain('hunter2');
  });

  it("is the room's own when the application's data throws, and keeps the cause", () => {
    const cause = new Error('broken getter');
    const context = {
      get data(): never {
        throw cause;
      },
    };
    const error = failureOf('{{ data }}', context);
    expect(error).toMatchObject({ code: 'WEBHOOKS_TEMPLATE_RUNTIME', cause });
    expect(error.message).not.toContain('broken');
  });
});

describe('a strict template', () => {
  const context = { data: { name: 'a', nothing: null, list: [1] } };
  const strict = { strict: true };

  it.each(['{{ missing }}', '{{ data.missing }}', '{{ data.list[4] }}', '{% if data.missing %}{% endif %}', '{{ data.missing or 1 }}'])(
    'refuses %s',
    (source) => {
      expect(failureOf(source, context, strict)).toMatchObject({ code: 'WEBHOOKS_TEMPLATE_UNDEFINED', line: 1 });
      expect(() => compileTemplate(source)(context)).not.toThrow();
    },
  ); // prettier-ignore

  it.each([
    ['{{ missing | default("d") }}', 'd'],
    ['{{ data.a.b.c | d("d") }}', 'd'],
    ['{{ data.missing is defined }}{{ missing is undefined }}', 'falsetrue'],
    ['{{ data.nothing }}{{ data.name }}', 'a'],
    ['{% for x in data.list %}{{ loop.index }}{{ x }}{% endfor %}{{ range(2) }}{{ True }}', '110,1true'],
    ['{% macro m(a) %}{{ a | d(1) }}{% endmacro %}{{ m() }}', '1'],
  ])('renders %s', (source, text) => expect(compileTemplate(source, strict)(context)).toBe(text));
});

describe('the limits of a rendering', () => {
  it.each([
    ['steps', '{% for i in range(500) %}x{% endfor %}', { maxSteps: 200 }],
    ['milliseconds', '{% for i in range(9999) %}{{ i * i }}{% endfor %}', { timeLimit: 0 }],
    ['characters', '{{ "x" | center(100) }}', { maxOutput: 99 }],
    ['characters', '0123456789', { maxOutput: 9 }],
    ['elements', '{{ range(100001) }}', {}],
  ])('bound its %s', (what, source, options) => {
    const error = failureOf(source, {}, options);
    expect(error.code).toBe('WEBHOOKS_TEMPLATE_LIMIT');
    expect(error.message).toContain(what);
  });

  it('are those of the call, although the template is compiled once', () => {
    expect(compileTemplate('0123456789')({})).toBe('0123456789');
    expect(() => compileTemplate('0123456789', { maxOutput: 9 })({})).toThrow(/characters/);
  });
});

describe('what a template is given', () => {
  it('is copied: dates, maps, sets, bigints and toJSON as data, functions and bytes left out', () => {
    const context = {
      data: {
        date: new Date(0),
        map: new Map([['k', 1n]]),
        set: new Set([1, 2]),
        money: { toJSON: () => '1.50 EUR' },
        run: () => 'code',
        bytes: Buffer.from('secret'),
        ['__proto__']: 1,
      },
    };
    expect(compileTemplate('{{ data | tojson }}')(context)).toBe(
      '{"date":"1970-01-01T00:00:00.000Z","map":{"k":"1"},"set":[1,2],"money":"1.50 EUR","__proto__":1}',
    );
  });

  it('cannot be changed by a template', () => {
    const context = { data: { list: [1], dict: {} } };
    expect(failureOf('{{ data.list.append(2) }}', context).code).toBe('WEBHOOKS_TEMPLATE_RUNTIME');
    expect(failureOf('{{ data.dict.update({"a": 1}) }}', context).code).toBe('WEBHOOKS_TEMPLATE_RUNTIME');
    expect(
      compileTemplate('{% set l = data.list | list %}{% set _ = l.append(2) %}{{ l }}{{ data.list }}')(
        context,
      ),
    ).toBe('1,21');
    expect(context).toEqual({ data: { list: [1], dict: {} } });
  });

  it('is refused when it refers to itself', () => {
    const data: Record<string, unknown> = {};
    data['self'] = data;
    expect(failureOf('{{ data }}', { data }).code).toBe('WEBHOOKS_TEMPLATE_LIMIT');
  });

  it('may own the names that templates cannot say themselves', () => {
    const data = JSON.parse('{"constructor": "Ferrari", "__proto__": {"x": 1}}') as object;
    expect(compileTemplate('{{ data.constructor }} {{ data["__proto__"].x }} {{ data.x }}')({ data })).toBe(
      'Ferrari 1 ',
    );
  });
});
