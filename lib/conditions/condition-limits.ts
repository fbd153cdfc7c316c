/**
 * Bounds on what an operator may write and on what evaluating it may cost. They are generous for conditions that
 * people write and small enough that the worst definition cannot hold up the event loop.
 */
export const CONDITION_LIMITS = {
  /** Characters of the whole definition, counted as its compact JSON text. */
  size: 65_536,
  /** Levels of sets within sets. */
  depth: 32,
  /** Conditions and sets together. */
  nodes: 500,
  /** Levels of lists and objects in a value, of the definition or of the data that `changed` compares. */
  valueDepth: 100,
  /** Keys in one attribute path. */
  pathKeys: 32,
  /** Characters of one pattern. */
  patternLength: 500,
  /** Instructions of one compiled pattern (re2js's `programSize`). */
  programSize: 5_000,
  /** Estimated microseconds of compiling one pattern. */
  patternCost: 50_000,
  /** Estimated microseconds of compiling all patterns of a definition. */
  totalPatternCost: 100_000,
  /**
   * Steps of one evaluation: an element compared is one, a thousand characters of a text compared too, an element
   * that a path maps over two, a key of an object
   * compared eight, a pattern takes its program size × the length of the text, a substring search the product of both
   * lengths (the one looked for 16 longer) / 512. Measured at less than 100 ns a step at worst.
   */
  steps: 250_000,
} as const;
