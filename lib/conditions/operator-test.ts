import type { JsonValue } from '../common/json-text.js';
import { compilePattern, type PatternBudget } from './compile-pattern.js';
import type { ConditionOperator } from './condition-tree.js';
import { describeType } from './describe-type.js';
import { testContains, testEquals, testIn, testOrder, testPattern, type OperatorTest } from './operators.js';

type StandardOperator = Exclude<ConditionOperator, 'changed' | 'unchanged'>;

/** The test that an operator makes with this reference value. The answer is text when it takes no such value: why. */
export function operatorTest(
  op: StandardOperator,
  value: JsonValue,
  patterns: PatternBudget,
): OperatorTest | string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return 'objects cannot be compared as a whole: compare their fields, as in "status.value"';
  }
  const kind = describeType(value);
  switch (op) {
    case 'eq':
      return testEquals(value);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return typeof value === 'number' ? testOrder(op, value) : `"${op}" compares with a number, not ${kind}`;
    case 'in':
      return Array.isArray(value) ? testIn(value) : `"in" looks in a list, not in ${kind}`;
    case 'contains':
      return value === null
        ? '"contains" looks for text, a number, true, false or a list, not null'
        : testContains(value);
    default:
      return typeof value === 'string'
        ? patternTest(value, patterns)
        : `"regex" takes a pattern as text, not ${kind}`;
  }
}

function patternTest(source: string, patterns: PatternBudget): OperatorTest | string {
  const pattern = compilePattern(source, patterns);
  return typeof pattern === 'string' ? pattern : testPattern(pattern);
}
