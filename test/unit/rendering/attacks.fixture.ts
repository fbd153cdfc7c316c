/** What attacks are rendered with; a secret of the process that none of them may reach. */
export const ATTACK_CONTEXT = {
  event: 'update',
  username: 'eve',
  data: {
    name: 'core',
    tags: ['a', 'b'],
    nested: { deep: { value: 1 } },
    text: 'x'.repeat(1_000),
    spaces: ' '.repeat(50_000),
  },
  snapshots: { prechange: null, postchange: { id: 1 } },
  secrets: { token: 's3cret' },
};

const CALL = '("globalThis.PWNED=1")()';
const STARTS = [
  'range', 'cycler(1).next', 'cycler(1)', 'joiner()', '""', '"a".toUpperCase', '(1)', 'true', '[]', '{}', 'data', 'data.tags',
  'data.name', 'loop', 'm', 'm()', 'snapshots', 'secrets', 'event', 'missing', 'null',
]; // prettier-ignore

/** 1: constructor chains from anything that a template can hold. */
const CONSTRUCTORS = STARTS.flatMap((start) => [
  `{% macro m() %}x{% endmacro %}{{ ${start}.constructor.constructor${CALL} }}`,
  `{% macro m() %}x{% endmacro %}{{ ${start}["constructor"]["constructor"]${CALL} }}`,
  `{% macro m() %}x{% endmacro %}{{ ${start}.__proto__.constructor.constructor${CALL} }}`,
]);

const MORE_CONSTRUCTORS = [
  `{% for x in [1] %}{{ loop.constructor.constructor${CALL} }}{{ loop.cycle.constructor${CALL} }}{% endfor %}`,
  `{% macro m() %}{{ caller.constructor${CALL} }}{% endmacro %}{% call m() %}{% endcall %}`,
  '{% set c = "constructor" %}{{ data[c][c] }}{{ ""[c] }}{{ [][c] }}',
  '{{ data["cons" ~ "tructor"] }}{{ data.tags["__pro" + "to__"] }}',
  '{{ [].filter.constructor }}{{ [].map }}{{ "".at }}{{ (1).toFixed.constructor }}',
  '{{ [1].map(range) }}',
  '{{ data.tags.sort.call(1) }}{{ data.tags.join.apply(1) }}',
  '{{ range.call(1) }}',
  '{{ range.bind() }}{{ range.caller }}{{ range.arguments }}',
  '{{ r/a/.constructor }}',
  '{{ r/a/g.exec("a") }}',
];

/** 2: the context itself. */
const CONTEXT_READS = [
  '{{ toString.constructor("return 1")() }}',
  '{{ valueOf() }}',
  '{{ hasOwnProperty("data") }}',
  '{{ constructor.assign(constructor.prototype, {"PWNED": 1}) }}',
  '{{ __proto__ }}',
  '{{ __defineGetter__("PWNED", range) }}',
  '{{ __lookupGetter__ }}',
  '{{ this }}{{ self }}{{ env }}{{ ctx }}{{ opts }}{{ context }}{{ frame }}{{ runtime }}{{ cb }}{{ lineno }}',
  '{{ process }}{{ globalThis }}{{ global }}{{ require }}{{ module }}{{ Object }}{{ Function }}{{ Reflect }}',
  '{{ process.env.HOME }}{{ globalThis.process.version }}',
  '{{ getVariables() }}',
  '{{ prototype }}',
];

/** 3: filters and tests by the name of an inherited property. */
const INHERITED_NAMES = ['valueOf', 'constructor', 'toString', 'hasOwnProperty', '__proto__', '__defineGetter__', 'isPrototypeOf'].flatMap(
  (name) => [
    `{{ (1 | ${name}).env }}`,
    `{{ 1 | ${name}("x") }}`,
    `{{ 1 is ${name} }}`,
    `{{ [1] | select("${name}") }}`,
    `{{ data.tags | selectattr("length", "${name}") }}`,
    `{% filter ${name} %}x{% endfilter %}`,
  ],
); // prettier-ignore

/** 4: filters whose attribute argument reads the prototype chain. */
const ATTRIBUTES = [
  'constructor',
  '__proto__',
  'constructor.constructor',
  '__proto__.constructor',
  'toString',
].flatMap((name) => [
  `{{ data.tags | join(",", "${name}") }}`,
  `{{ data.tags | map("${name}") | join }}`,
  `{{ data.tags | groupby("${name}") | dump }}`,
  `{{ data.tags | sort(attribute="${name}") }}`,
  `{{ data.tags | sum("${name}") }}`,
  `{{ data.tags | selectattr("${name}") }}`,
  `{{ data.tags | rejectattr("${name}") }}`,
  `{{ data.get("${name}") }}`,
  `{{ data.tags["${name}"] }}`,
]);

/** 5: writes to prototypes. */
const PROTOTYPE_WRITES = [
  '{% set __proto__ = {"PWNED": 1} %}{{ PWNED }}',
  '{% set constructor = 1 %}',
  '{% set d = {"__proto__": {"PWNED": 1}} %}{% for k, v in d %}{{ k }}{% endfor %}',
  '{% set d = {__proto__: {"PWNED": 1}} %}{{ d.PWNED }}',
  '{% set d = {"__pro\\to__": 1} %}{{ d | dictsort }}',
  '{% for __proto__ in [{"PWNED": 1}] %}{{ PWNED }}{% endfor %}',
  '{% for a, __proto__ in [[1, {"PWNED": 1}]] %}{{ PWNED }}{% endfor %}',
  '{% macro __proto__() %}{% endmacro %}',
  '{% macro m(__proto__) %}{{ PWNED }}{% endmacro %}{{ m({"PWNED": 1}) }}',
  '{% macro m(a=1) %}{{ PWNED }}{% endmacro %}{{ m(__proto__={"PWNED": 1}) }}',
  '{% macro m(a=1) %}{{ a }}{% endmacro %}{{ m(__keywords=true, a=2) }}{{ m({"__keywords": true, "a": 3}) }}',
  '{% set data.name = "x" %}',
  '{% set data["name"] = "x" %}',
  '{% set loop.index = 1 %}',
  '{% set d = {} %}{% set _ = d.update({"constructor": 1}) %}{{ d.constructor }}',
  '{{ data.update({"name": 1}) }}',
  '{{ data.tags.push("c") }}',
  '{{ data.tags.pop() }}',
  '{{ [["__proto__", 1]] | groupby(0) | dump }}{{ data.tags | groupby("x") | dump }}',
  '{{ ["__proto__", "constructor"] | groupby | dump }}',
];

/** 6: keys that change between the check and the read. */
const KEY_COERCION = [
  '{% macro k() %}constructor{% endmacro %}{{ data[{"toString": k}] }}',
  '{% macro k() %}constructor{% endmacro %}{{ ""[{"toString": k, "valueOf": k}] }}',
  '{{ data[["constructor"]] }}{{ ""[["constructor"]] }}{{ []["constructor" | list] }}',
  '{{ data[range] }}{{ data[null] }}{{ data[missing] }}',
  '{{ {"toString": range} ~ "" }}{{ {"valueOf": range} + 1 }}{{ {"toJSON": range} | dump }}',
  '{{ {"length": 1000000000} | join }}{{ {"length": 1000000000} | first }}',
  '{{ [1] | sort(attribute={"split": range}) }}',
  '{{ {"toString": range} < 1 }}{{ {"toString": range} == "x" }}{{ {"a": 1} in {"a": 1} }}',
];

/** 7: names that end up in generated code where there is some. */
const Q = '"';
const NAMES = [`x${Q}y`, "x'y", 'x`y', 'x\\y', 'x;y', 'x$y', 'x&y', `x${Q}&&y&&${Q}`, 'x\u2028y', 'ünï'];
const INJECTIONS = NAMES.flatMap((name) => [
  `{{ ${name} }}`,
  `{{ ${name}() }}`,
  `{{ 1 | ${name} }}`,
  `{{ 1 is ${name} }}`,
  `{% set ${name} = 1 %}`,
  `{% for ${name} in [1] %}{% endfor %}`,
  `{% for a, ${name} in [[1, 2]] %}{% endfor %}`,
  `{% macro ${name}() %}{% endmacro %}`,
  `{% macro m(${name}) %}{% endmacro %}`,
  `{% macro m(${name}=1) %}{% endmacro %}{{ m(${name}=2) }}`,
  `{% call(${name}) m() %}{% endcall %}`,
  `{{ {${name}: 1} }}`,
]);
const MORE_INJECTIONS = [
  '{{ foo["\\\\\\", 0, [globalThis.PWNED=1])),0);//"]() }}',
  '{{ foo[\'\\\\", globalThis.PWNED=1, "\']() }}',
  '{{ x"&&Function`globalThis\\x2ePWNED\\x3d1```&&" }}',
  '{{ data["\\u2028"] }}{{ "\u2028\u2029" | dump }}',
  '{% block x"y %}{% endblock %}',
];

/** What is not offered at all. */
const FORBIDDEN = [
  '{% include "/etc/passwd" %}',
  '{% include "x" ignore missing %}',
  '{% import "x" as y %}',
  '{% from "x" import y %}',
  '{% extends "x" %}',
  '{% block x %}{% endblock %}',
  '{{ super() }}',
  '{% asyncEach x in [1] %}{% endeach %}',
  '{% asyncAll x in [1] %}{% endall %}',
  '{% ifAsync true %}{% endif %}',
  '{% set x %}{% include "y" %}{% endset %}',
  '{% set x %}{{ constructor }}{% endset %}',
  '{% if false %}{% include "y" %}{% endif %}',
  '{{ 1 if false else (1 | random) }}',
  '{{ "x" | urlize }}',
  '{{ "x" | striptags }}',
  '{{ "x" | forceescape }}',
  '{{ [1, 2] | random }}',
  '{% if 1 == constructor %}{% endif %}',
  '{{ 1 < 2 < __proto__ }}',
];

/** Attacks on what runs, by what they try. */
export const ATTACKS: Readonly<Record<string, readonly string[]>> = {
  'constructor chains': [...CONSTRUCTORS, ...MORE_CONSTRUCTORS],
  'the context': CONTEXT_READS,
  'inherited filter and test names': INHERITED_NAMES,
  'attribute arguments': ATTRIBUTES,
  'prototype writes': PROTOTYPE_WRITES,
  'key coercion': KEY_COERCION,
  'name injection': [...INJECTIONS, ...MORE_INJECTIONS],
  'forbidden tags': FORBIDDEN,
};
