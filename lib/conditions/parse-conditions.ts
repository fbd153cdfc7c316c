import type { JsonValue } from '../common/json-text.js';
import type { PatternBudget } from './compile-pattern.js';
import { CONDITION_LIMITS } from './condition-limits.js';
import type { ConditionNode, ConditionSet } from './condition-tree.js';
import { copyJson } from './copy-json.js';
import { describeType } from './describe-type.js';
import type { Evaluation, Outcome } from './evaluation.js';
import { below, Faults, quote } from './faults.js';
import { parseTerm } from './parse-term.js';

/** What is shared while one definition is parsed. */
interface Parsing {
  readonly faults: Faults;
  readonly patterns: PatternBudget;
  nodes: number;
}

/**
 * Checks a definition and makes it ready to be evaluated. `null`, `undefined`, `{}` and `[]` are no conditions: the
 * answer is null.
 *
 * @throws ConditionInvalidError (`WEBHOOKS_CONDITION_INVALID`) with every fault found.
 */
export function parseConditions(json: unknown): ConditionNode | null {
  if (json === undefined) return null;
  const faults = new Faults();
  const copy = copyJson(json, faults);
  if (copy === null || (typeof copy === 'object' && Object.keys(copy).length === 0)) {
    faults.throwIfAny();
    return null;
  }
  const parsing: Parsing = { faults, patterns: { left: CONDITION_LIMITS.totalPatternCost }, nodes: 0 };
  const root = parseNode(copy, '', 0, parsing);
  faults.throwIfAny();
  return root;
}

function parseNode(json: JsonValue, path: string, depth: number, parsing: Parsing): ConditionNode | null {
  const { faults } = parsing;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    faults.add(path, `a condition or a set is an object, not ${describeType(json)}`);
    return null;
  }
  if (++parsing.nodes > CONDITION_LIMITS.nodes) {
    faults.add(path, `there are more than ${CONDITION_LIMITS.nodes} conditions and sets`);
    faults.throwIfAny();
  }
  const keys = Object.keys(json);
  const logic = keys.find((key) => /^(?:and|or)$/i.test(key));
  const [only = ''] = keys;
  if (logic === undefined && keys.length === 1 && Array.isArray(json[only])) {
    faults.add(below(path, only), `${quote(only)} makes no set: there are "and" and "or"`);
    return null;
  }
  if (logic === undefined) return parseTerm(json, path, faults, parsing.patterns);
  for (const key of keys) {
    if (key !== logic)
      faults.add(below(path, key), `a set has no other key than its "${logic.toLowerCase()}"`);
  }
  if (logic !== 'and' && logic !== 'or') {
    faults.add(below(path, logic), `${quote(logic)} is written in lower case: "${logic.toLowerCase()}"`);
    return null;
  }
  return parseSet(logic, json[logic] ?? null, below(path, logic), depth, parsing);
}

function parseSet(
  logic: 'and' | 'or',
  json: JsonValue,
  path: string,
  depth: number,
  parsing: Parsing,
): ConditionSet | null {
  if (!Array.isArray(json)) {
    parsing.faults.add(path, `a set holds a list, not ${describeType(json)}`);
    return null;
  }
  if (depth >= CONDITION_LIMITS.depth) {
    parsing.faults.add(path, `sets are nested deeper than ${CONDITION_LIMITS.depth} levels`);
    return null;
  }
  const items = json
    .map((item, index) => parseNode(item, below(path, index), depth + 1, parsing))
    .filter((item) => item !== null);
  return {
    kind: 'set',
    logic,
    items,
    evaluate: (evaluation) => evaluateSet(items, logic === 'or', evaluation),
  };
}

function evaluateSet(items: readonly ConditionNode[], deciding: boolean, evaluation: Evaluation): Outcome {
  for (const item of items) {
    const outcome = item.evaluate(evaluation);
    // The deciding answer ends the set, and so does an item that cannot be decided: what follows is not looked at.
    if (outcome !== !deciding) return outcome;
  }
  return !deciding;
}
