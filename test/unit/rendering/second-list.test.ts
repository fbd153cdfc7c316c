import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../../lib/rendering/compile-template.js';
import { renderRequest, type RequestTemplates } from '../../../lib/rendering/render-request.js';
import { TemplateError } from '../../../lib/rendering/template-error.js';
import { attack } from './attack-run.js';

const MEGA = '{% set t = "".rjust(999000, "a") %}';
const KEYS = Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`k${index}`, index]));
const many = (text: string, count: number): string => Array.from({ length: count }, () => text).join(',');

/** V8 puts integers into sets by this hash, which has no seed. */
function hash(key: number): number {
  let value = (~key + (key << 15)) >>> 0;
  value = (value ^ (value >>> 12)) >>> 0;
  value = (value + (value << 2)) >>> 0;
  value = (value ^ (value >>> 4)) >>> 0;
  value = Math.imul(value, 2_057) >>> 0;
  return (value ^ (value >>> 16)) >>> 0;
}

function meeting(count: number): number[] {
  const found: number[] = [];
  for (let number = 0; found.length < count; number++) if ((hash(number) & 0x3fff) === 0) found.push(number);
  return found;
}

describe('nothing is read but what a template is given', () => {
  it.each([
    '{{ data.constructor }}{{ data["constructor"] }}{{ data["__pro" ~ "to__"] }}{{ "".constructor }}{{ [].constructor }}',
    '{{ (1).constructor }}{{ range.constructor }}{{ cycler(1).constructor }}{{ cycler(1).next.call }}{{ joiner.invoke }}',
    '{% for i in [1] %}{{ loop.constructor }}{{ loop.member }}{{ loop.cycle.invoke }}{{ loop["__proto__"] }}{% endfor %}',
    '{{ globalThis }}{{ process }}{{ require }}{{ this }}{{ self }}{{ rendering }}{{ toString }}{{ hasOwnProperty }}',
    '{% macro m() %}{% endmacro %}{{ m.invoke }}{{ m.constructor }}{{ m.prototype }}{{ m.length }}{{ m.name }}',
    '{{ (["x"]|map("constructor.name"))[0] }}{{ ([data]|map("__proto__.toString"))[0] }}{{ data.fn }}{{ data.fn.call }}',
    '{% set g = {} %}{{ g.update(["__proto__"]|groupby) }}{{ g.toString }}{{ g.valueOf }}',
  ])('%s', (template) => {
    const data = { a: 1, fn: () => 'called' };
    expect(attack(template, { data })).toMatchObject({ text: '', leaked: [] });
  });

  it.each([
    ['{{ 1|constructor }}', 'UNKNOWN'],
    ['{{ 1 is __proto__ }}', 'UNKNOWN'],
    ['{{ [1]|select("constructor") }}', 'UNKNOWN'],
    ['{{ [1]|reject("__proto__") }}', 'UNKNOWN'],
    ['{{ data.hasOwnProperty("a") }}', 'UNKNOWN'],
    ['{{ data["__define" ~ "Getter__"]("a", 1) }}', 'UNKNOWN'],
    ['{{ "a"["const" ~ "ructor"]("x") }}', 'UNKNOWN'],
    ['{{ {"__proto__": 1} }}', 'FORBIDDEN'],
    ['{{ {constructor: 1} }}', 'FORBIDDEN'],
    ['{% set constructor = 1 %}', 'FORBIDDEN'],
    ['{% for __proto__ in [1] %}{% endfor %}', 'FORBIDDEN'],
    ['{% macro m(__proto__) %}{% endmacro %}', 'FORBIDDEN'],
    ['{{ x(__proto__=1) }}', 'FORBIDDEN'],
    ['{{ x("a"=1) }}', 'FORBIDDEN'],
    ['{% set a.b = 1 %}', 'FORBIDDEN'],
    ['{% set \u00e1 = 1 %}', 'FORBIDDEN'],
    ['{{ "a".replace(r/(a+)+$/, "x") }}', 'FORBIDDEN'],
    ['{% asyncEach i in [1] %}{% endeach %}', 'FORBIDDEN'],
    ['{% ifAsync 1 %}{% endif %}', 'FORBIDDEN'],
    ['{% block x %}{% endblock %}', 'FORBIDDEN'],
    ['{% call foo %}{% endcall %}', 'SYNTAX'],
    ['{{ data.list.append(1) }}', 'RUNTIME'],
    ['{{ secrets.update({"x": 1}) }}', 'RUNTIME'],
    ['{{ data.thrown }}', 'RUNTIME'],
    ['{{ self.self }}', 'LIMIT'],
    ['{{ holes|length }}', 'LIMIT'],
  ])('%s ends as %s', (template, code) => {
    const holes: unknown[] = [];
    holes.length = 1e9;
    const self: Record<string, unknown> = {};
    self['self'] = self;
    const data = {
      list: [1],
      get thrown(): never {
        throw new Error('thrown');
      },
    };
    const outcome = attack(template, { data: template.includes('thrown') ? data : { list: [1] }, secrets: { T: 'x' }, self, holes }); // prettier-ignore
    expect(outcome).toMatchObject({ code: `WEBHOOKS_TEMPLATE_${code}`, leaked: [] });
  });
});

describe('work that costs more than it seems', () => {
  it.each([
    ['the keys of a large dict, again and again', `{{ [${many('data|length', 2_000)}]|length }}`],
    ['a large dict as a list, again and again', `{{ [${many('data|map', 2_000)}]|length }}`],
    ['numbers that meet in a set', '{{ [numbers|unique, numbers|unique]|length }}'],
    ['stripping many characters', `{% set t = "".rjust(999000, "\u4e00") %}{{ t.strip("${'\u4e01'.repeat(98)}\u4e00 ")|length }}`], // prettier-ignore
    ['encoding many values', '{{ [pairs|urlencode, pairs|urlencode, pairs|urlencode]|length }}'],
    ['half surrogates', '{% set t = "".rjust(900000, "\ud800") %}{{ t|urlencode|length }}'],
    ['a long path before a call', `{{ a${'.b'.repeat(5_900)}() }}`],
    ['a long path as a test', `{{ x is a${'.b'.repeat(5_900)} }}`],
    ['shared parts of a list', `{% set a = [0] %}${'{% set a = [a,a,a,a] %}'.repeat(30)}{{ a|tojson }}`],
    ['a macro that calls itself twice', '{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}'],
    ['raw tags without end', '{% raw %}'.repeat(7_000)],
  ])(
    '%s',
    (_, template) => {
      const context = { data: KEYS, numbers: meeting(16_000), pairs: Array(90_000).fill(0.123) };
      expect(attack(template, context)).toSatisfy(({ milliseconds }) => milliseconds <= 200);
    },
    60_000,
  );

  it.each([
    ['a part of a replacement', `${MEGA}{{ [${many('"a".replace("a", t, 0.001)', 12)}]|length }}`],
    ['a split without separator', `${MEGA}{{ t.split("", 1)|length }}`],
  ])('%s is counted whole', (_, template) => {
    expect(() => compileTemplate(template)({})).toThrow(TemplateError);
  });
});

describe('a request', () => {
  const SECRET = 'Zx9-kept-to-itself';
  const DATA = { nl: 'a\r\nX-Other: 1', nul: '\0', vt: '\v', at: '@other.example', path: '\\' };
  const render = (fields: Partial<RequestTemplates>): ReturnType<typeof renderRequest> =>
    renderRequest(
      { url: 'https://a.example/', method: 'POST', contentType: '', additionalHeaders: '', bodyTemplate: '', ...fields }, // prettier-ignore
      { event: 'create', model: 'm', timestamp: 't', username: null, requestId: null, data: JSON.stringify(DATA), prechange: null, postchange: '{}', changed: [] }, // prettier-ignore
      { T: SECRET },
    );
  const errorOf = (fields: Partial<RequestTemplates>): unknown => {
    try {
      return render(fields);
    } catch (error) {
      return error;
    }
  };

  it.each([
    { additionalHeaders: '{{ secrets.T }}: a\n{{ secrets.T }}: b' },
    { additionalHeaders: 'proxy-{{ secrets.T }}: a' },
    { additionalHeaders: '{{ secrets.T }} x: a' },
    { additionalHeaders: 'X: {{ secrets.T }}\u0100' },
    { additionalHeaders: '{{ secrets.T }}' },
    { url: 'https://[{{ secrets.T }}/' },
    { url: 'https://h:99999/{{ secrets.T }}' },
    { url: 'https://%00/{{ secrets.T }}' },
    { url: 'https://u:{{ secrets.T }}@h/' },
    { bodyTemplate: '{{ x[secrets.T]() }}' },
    { bodyTemplate: '{{ [1]|select(secrets.T) }}' },
    { bodyTemplate: '{{ secrets.T is divisibleby }}{{ secrets.T|batch(0) }}' },
  ])('that cannot be made does not say the secret: %o', (fields) => {
    const error = errorOf(fields);
    expect(error).toBeInstanceOf(TemplateError);
    expect(inspect(error, { depth: 9 })).not.toMatch(new RegExp(SECRET, 'i'));
  });

  it.each([
    'X: {{ data.nl }}', 'X: a{{ data.vt }}b', 'X: {{ [data.nl] }}', '{% for c in data.nl %}X{{ loop.index }}: {{ c }}{% endfor %}',
    '{% set x %}X: 1\nHost: y{% endset %}{{ x }}', '{% filter upper %}x: 1\nhost: y{% endfilter %}', '{{ ["A: 1", "B: 2"]|join("\\n") }}',
    'hOsT: x', 'Host : x', '\tHost: x', '\u00a0Host: x', 'to\u212aen: x', 'Ho\u017ft: x', 'Webhook-Signature: x', 'TE: x', ': x',
    '{{ "Content" }}-Type: x', '{% for i in range(3000) %}' + '\n'.repeat(320) + '{% endfor %}',
  ])('has no such headers: %j', (additionalHeaders) => {
    expect(errorOf({ additionalHeaders })).toMatchObject({ code: 'WEBHOOKS_TEMPLATE_HEADERS' });
  }); // prettier-ignore

  it.each([
    'javascript:1', 'data:,x', 'file:///etc/passwd', '{{ "java" }}script:1', '//h', 'http:h', 'http:/h', 'http:///h', 'http:\\\\h',
    'https://u@h/', 'https://a.example{{ data.at }}/', 'https://h/{{ data.nl }}', 'https://h/{{ data.nul }}', 'ht\ntps://h/', 'https://h{{ data.path }}@x/',
  ])('has no such URL: %j', (url) => {
    expect(errorOf({ url })).toMatchObject({ code: 'WEBHOOKS_TEMPLATE_URL' });
  }); // prettier-ignore
});
