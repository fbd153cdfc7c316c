import { describe, expect, it } from 'vitest';
import { compileConditions } from '../../../lib/conditions/compile-conditions.js';

function matches(value: string, actual: string): boolean {
  return compileConditions({ attr: 'a', op: 'regex', value })({ data: { a: actual }, snapshots: null })
    .matched;
}

// docs/04-conditions.md promises each of these.
describe('where patterns differ from Python', () => {
  it.each<[what: string, pattern: string, text: string, here: boolean]>([
    ['$ is the very end, not before a last newline', 'end$', 'end\n', false],
    ['(?m)$ is before a newline', '(?m)end$', 'end\n', true],
    ['\\z is the very end', 'a\\z', 'a', true],
    ['\\d is ASCII', '\\d', '٣', false],
    ['\\w is ASCII', '\\w', 'é', false],
    ['\\pL is a letter', '\\pL', 'é', true],
    ['\\s has no vertical tab', '\\s', '\u000b', false],
    ['\\s has no space beyond ASCII', '\\s', '\u00a0', false],
    ['\\b is of ASCII words', 'é\\b', 'é', false],
    ['{,2} is literal', 'a{,2}$', 'aa', false],
    ['{0,2} is a repetition', 'a{0,2}$', 'aa', true],
    ['[[:alpha:]] is a class', '[[:alpha:]]', 'a', true],
    ['\\x{e9} is a character by its number', '\\x{e9}', 'é', true],
    ['(?i) may stand inside', 'a(?i)b', 'aB', true],
    ['(?<n>a) names a group', '(?<n>a)', 'a', true],
    ['\\Q quotes', '\\Qa.b\\E', 'a.b', true],
  ])('%s', (_, pattern, text, here) => expect(matches(pattern, text)).toBe(here));

  it.each([
    ['look-ahead', 'a(?=b)'],
    ['negative look-ahead', '(?!test-)'],
    ['look-behind', '(?<=a)b'],
    ['a back-reference', '(a)\\1'],
    ['a named back-reference', '(?P<n>a)(?P=n)'],
    ['a conditional group', '(a)?(?(1)b|c)'],
    ['an atomic group', '(?>a)'],
    ['a possessive repetition', 'a++'],
    ['a comment', '(?#c)a'],
    ['verbose mode', '(?x)a'],
    ['flags of Python alone', '(?a)a'],
    ['\\Z', 'a\\Z'],
    ['\\u', '\\u00e9'],
    ['\\N', '\\N{DIGIT ONE}'],
    ['a repetition above 1,000', 'a{1001}'],
    ['nested repetitions above 1,000', '(a{100}){11}'],
  ])('%s is refused', (_, pattern) => {
    expect(() => compileConditions({ attr: 'a', op: 'regex', value: pattern })).toThrow(/RE2's syntax/);
  });
});
