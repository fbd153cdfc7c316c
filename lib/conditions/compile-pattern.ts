import { RE2JS } from 're2js';
import { CONDITION_LIMITS } from './condition-limits.js';
import type { Evaluation } from './evaluation.js';
import { patternCost } from './pattern-cost.js';

/** Whether a text matches from its start. */
export type PatternTest = (text: string, evaluation: Evaluation) => boolean;

/** Estimated microseconds that compiling any pattern takes beside what its text tells. */
const LEAST_COST = 100;

/** What compiling patterns may still cost in one definition, in estimated microseconds. */
export interface PatternBudget {
  left: number;
}

/**
 * Compiles a regular expression in RE2's syntax, which matches in linear time. The answer is text when it cannot be
 * used: why.
 */
export function compilePattern(source: string, budget: PatternBudget): PatternTest | string {
  const { patternLength, programSize } = CONDITION_LIMITS;
  if (source.length > patternLength) return `the pattern is longer than ${patternLength} characters`;
  const cost = patternCost(source);
  if (cost > CONDITION_LIMITS.patternCost)
    return 'the pattern repeats or folds too much: use smaller repetitions or ranges';
  budget.left -= LEAST_COST + cost;
  if (budget.left < 0) return 'the patterns are too large together: use fewer or simpler ones';
  const compiled = parse(source);
  if (typeof compiled === 'string') return compiled;
  const size = compiled.programSize();
  if (size > programSize)
    return `the pattern takes ${size} instructions, more than ${programSize}: use smaller repetitions`;
  return (text, evaluation) => {
    evaluation.spend(size * (text.length + 1));
    // Not test(): its automaton would keep megabytes for every pattern in the cache.
    return compiled.matcher(text).lookingAt();
  };
}

function parse(source: string): RE2JS | string {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
    return `not a regular expression in RE2's syntax: ${reason}`;
  }
}
