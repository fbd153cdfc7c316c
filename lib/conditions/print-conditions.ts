import type { JsonValue } from '../common/json-text.js';
import type { ConditionNode } from './condition-tree.js';

/**
 * The definition in its normal form: the operator always named, `negate` only where it is true, keys in the order
 * `attr`, `op`, `value`, `negate`; null for no conditions. Parsing what was printed gives the same again.
 */
export function printConditions(node: ConditionNode | null): JsonValue {
  if (node === null) return null;
  if (node.kind === 'set') return { [node.logic]: node.items.map(printConditions) };
  return {
    attr: node.attr,
    op: node.op,
    ...(node.value === undefined ? {} : { value: node.value }),
    ...(node.negate ? { negate: true } : {}),
  };
}
