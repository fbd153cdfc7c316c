import { expect } from 'vitest';

/** What a table expects of an evaluation: an answer, or the words of the reason why there is none. */
export type Expected = boolean | RegExp;

/** The whole result that a table's expectation stands for. */
export function answer(expected: Expected): unknown {
  if (typeof expected === 'boolean') return { matched: expected };
  return { matched: false, error: expect.stringMatching(expected) as unknown };
}

/** What negation makes of it: an answer is inverted, an error stays. */
export function inverted(expected: Expected): Expected {
  return typeof expected === 'boolean' ? !expected : expected;
}
