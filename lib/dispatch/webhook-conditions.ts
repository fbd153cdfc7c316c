import type { ConditionNode } from '../conditions/condition-tree.js';
import { parseConditions } from '../conditions/parse-conditions.js';
import type { Webhook } from '../model/webhook.entity.js';

/** By the definition as it was read: another revision is another object. */
const known = new WeakMap<Webhook, ConditionNode | Error | null>();

/**
 * The conditions of a webhook ready to be evaluated, made once for each revision; `null` when it has none. They were
 * checked when they were saved, but rows can be written by other means: what is wrong with them is the answer then.
 */
export function webhookConditions(webhook: Webhook): ConditionNode | Error | null {
  let conditions = known.get(webhook);
  if (conditions === undefined) {
    conditions = parse(webhook);
    known.set(webhook, conditions);
  }
  return conditions;
}

function parse({ conditions }: Webhook): ConditionNode | Error | null {
  try {
    return parseConditions(conditions);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
