import type { JsonValue } from '../common/json-text.js';
import type { Evaluation, Outcome } from './evaluation.js';

/** The operators, in the order in which messages list them. */
export const CONDITION_OPERATORS = [
  'eq',
  'gt',
  'gte',
  'lt',
  'lte',
  'in',
  'contains',
  'regex',
  'changed',
  'unchanged',
] as const;

/** What a condition does with its attribute. */
export type ConditionOperator = (typeof CONDITION_OPERATORS)[number];

/** A single condition, checked and ready to be evaluated. */
export interface ConditionTerm {
  readonly kind: 'term';
  /** Where it stands in the definition; empty for a bare condition. */
  readonly path: string;
  readonly attr: string;
  readonly op: ConditionOperator;
  /** The reference value; `changed` and `unchanged` have none. */
  readonly value?: JsonValue;
  readonly negate: boolean;
  readonly evaluate: (evaluation: Evaluation) => Outcome;
}

/** Conditions joined by `and` or `or`. */
export interface ConditionSet {
  readonly kind: 'set';
  readonly logic: 'and' | 'or';
  readonly items: readonly ConditionNode[];
  readonly evaluate: (evaluation: Evaluation) => Outcome;
}

/** A checked definition, or a part of it. */
export type ConditionNode = ConditionTerm | ConditionSet;
