/** What may hide brackets or braces (quotations, escapes, classes), groups, and counted repetitions. */
const TOKENS =
  /\\Q[^]*?(?:\\E|$)|\\[^]|\[\^?\]?(?:\[:[^\]]*:\]|\\[^]|[^\]\\])*\]|\(|\)|\{(\d+)(?:,(\d*))?\}/g;
const RE2_MAX_REPEAT = 1_000;
const ALTERNATIVE_COST = 20;
const CLASS_COST = 400;
const FOLDED_RANGE_COST = 5_000;

/**
 * What compiling a pattern would cost at most, in microseconds, told from its text alone: re2js has no bound of its
 * own below seconds. An instruction takes about one; nested repetitions multiply, by at most 1,000 (re2js refuses
 * more); an alternative takes some twenty more, a Unicode class is expensive to build, a range of it under `(?i)` more so.
 */
export function patternCost(pattern: string): number {
  const largestByDepth: number[] = [1];
  let depth = 0;
  for (const [token, least, most] of pattern.matchAll(TOKENS)) {
    if (token === '(') depth++;
    else if (token === ')') depth = Math.max(0, depth - 1);
    else if (least !== undefined) {
      largestByDepth[depth] = Math.max(largestByDepth[depth] ?? 1, Number(least), Number(most ?? 0));
    }
  }
  // Nested repetitions stand at different depths, so this is no less than the product along any chain of them.
  const copies = largestByDepth.reduce((product, count) => Math.min(RE2_MAX_REPEAT, product * count), 1);
  const alternatives = pattern.match(/\|/g)?.length ?? 0;
  const classes = pattern.match(/\\p/gi)?.length ?? 0;
  const folded = /\(\?[a-z]*i/i.test(pattern);
  const wideRanges = folded ? (pattern.match(/-(?:\\|[^ -~])/g)?.length ?? 0) : 0;
  return (
    pattern.length * copies +
    alternatives * ALTERNATIVE_COST +
    classes * CLASS_COST +
    wideRanges * FOLDED_RANGE_COST
  );
}
