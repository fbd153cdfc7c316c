import type { TemplateOptions } from '../options/webhooks-options.js';

/** Characters of a template's source. */
export const MAX_SOURCE_LENGTH = 65_536;
/** Tokens of a template; what the parser does is in proportion to them. */
export const MAX_TOKENS = 12_000;
/** Brackets of any kind inside one another. */
export const MAX_BRACKETS = 40;
/** Calls of the parser inside one another; keeps deep input off the stack. */
export const MAX_PARSER_LEVELS = 200;
/** Nodes of a template's syntax tree. */
export const MAX_NODES = 5_000;
/** Nodes of a template's syntax tree inside one another. */
export const MAX_DEPTH = 60;
/** Calls of macros inside one another. */
export const MAX_MACRO_DEPTH = 32;
/** Elements of a list or dict that a template makes. */
export const MAX_LIST_LENGTH = 100_000;
/** Values in the data a template reads. */
export const MAX_DATA_NODES = 200_000;
/** Lists and dicts inside one another, in data and in what is turned into text. */
export const MAX_VALUE_DEPTH = 64;

/** The limits of one rendering, all of them. */
export type TemplateLimits = Required<TemplateOptions>;

/** Fills in the defaults of the limits of one rendering. */
export function templateLimits(options: TemplateOptions = {}): TemplateLimits {
  return {
    maxSteps: options.maxSteps ?? 100_000,
    timeLimit: options.timeLimit ?? 100,
    maxOutput: options.maxOutput ?? 1_000_000,
  };
}
