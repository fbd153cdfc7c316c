import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { attack, complaint } from './attack-run.js';
import { ATTACK_CONTEXT } from './attacks.fixture.js';

const PIECES = [
  '{{', '}}', '{%', '%}', '{#', '#}', '{{-', '-%}', ' ', '\n', '(', ')', '[', ']', '{', '}', ',', ':', '.', '|', '~', '=', '==', '<',
  '+', '-', '*', '//', '**', '%', '"', "'", '\\', '`', 'r/', '/', 'if', 'elif', 'else', 'endif', 'for', 'in', 'endfor', 'set', 'endset',
  'macro', 'endmacro', 'call', 'endcall', 'filter', 'endfilter', 'switch', 'case', 'default', 'endswitch', 'raw', 'endraw', 'include',
  'is', 'not', 'and', 'or', 'none', 'true', 'data', 'data.tags', 'data.name', 'secrets', 'loop', 'range', 'x', 'm', 'caller', '1', '0',
  '-1', '9999999', '1e9', '""', '"a"', '"constructor"', '__proto__', 'constructor', 'join', 'upper', 'sort', 'groupby', 'dump', 'select',
  'map', 'replace', 'center', 'split', 'append', 'items', 'defined', 'eq', 'cycler', 'joiner', 'é', '\u2028', '\u0000', '🎉',
]; // prettier-ignore

const TEMPLATES = [
  '{{ A }}', '{{ A B }}', '{{ A | B }}', '{{ A.B(C) }}', '{{ A[B] }}', '{{ A[B:C] }}', '{{ A is B(C) }}', '{% if A %}B{% endif %}',
  '{% for x in A %}{{ B }}{% endfor %}', '{% set x = A %}{{ x | B }}', '{% macro m(x, A=B) %}{{ C }}{% endmacro %}{{ m(A) }}',
  '{{ {A: B} | C }}', '{{ A if B else C }}', '{% call(A) m(B) %}C{% endcall %}', '{% filter A(B) %}C{% endfilter %}',
]; // prettier-ignore

const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(''));
const hole = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 })
  .map((pieces) => pieces.join(' '));
const shaped = fc.tuple(fc.constantFrom(...TEMPLATES), hole, hole, hole).map(([template, a, b, c]) =>
  template
    .replaceAll('A', () => a)
    .replaceAll('B', () => b)
    .replaceAll('C', () => c),
);

it('no template ends in anything but text or an error of the room', () => {
  fc.assert(
    fc.property(fc.oneof(soup, shaped), (template) => {
      const outcome = attack(template, ATTACK_CONTEXT);
      expect(complaint({ ...outcome, text: '' })).toBeUndefined();
    }),
    { numRuns: 3_000 },
  );
});
