import type { JsonValue } from '../common/json-text.js';
import { parseAttrPath, type AttrPath } from './attr-path.js';
import type { PatternBudget } from './compile-pattern.js';
import { CONDITION_OPERATORS, type ConditionOperator, type ConditionTerm } from './condition-tree.js';
import { describeType } from './describe-type.js';
import { evaluateTerm, snapshotTerm, standardTerm, type TermTest } from './evaluate-term.js';
import { below, quote, type Faults } from './faults.js';
import { operatorTest } from './operator-test.js';

const KEYS = ['attr', 'value', 'op', 'negate'];

/** Parses a single condition; null when it has a fault, which is noted. */
export function parseTerm(
  json: Readonly<Record<string, JsonValue>>,
  path: string,
  faults: Faults,
  patterns: PatternBudget,
): ConditionTerm | null {
  const fields = new Map(Object.entries(json));
  const note = (key: string, message: string): null => {
    faults.add(below(path, key), message);
    return null;
  };
  for (const key of fields.keys()) {
    if (!KEYS.includes(key)) note(key, `a condition has only the keys ${KEYS.join(', ')}`);
  }
  const value = fields.get('value');
  const attr = parseAttr(fields.get('attr'), note);
  const op = parseOp(fields.get('op'), note);
  const negate = parseNegate(fields.get('negate'), note);
  const test = op === null ? null : parseTest(op, attr, value, patterns, note);
  if (attr === null || op === null || negate === null || test === null) return null;
  return {
    kind: 'term',
    path,
    attr: attr.text,
    op,
    ...(value === undefined ? {} : { value }),
    negate,
    evaluate: (evaluation) => evaluateTerm(path, attr.text, test, negate, evaluation),
  };
}

type Note = (key: string, message: string) => null;

function parseAttr(attr: JsonValue | undefined, note: Note): AttrPath | null {
  if (typeof attr !== 'string')
    return note('attr', 'the path of an attribute is needed, as in "status.value"');
  const parsed = parseAttrPath(attr);
  return typeof parsed === 'string' ? note('attr', parsed) : parsed;
}

function parseOp(op: JsonValue | undefined, note: Note): ConditionOperator | null {
  if (op === undefined) return 'eq';
  const known = CONDITION_OPERATORS.find((operator) => operator === op);
  if (known !== undefined) return known;
  const found = typeof op === 'string' ? quote(op) : describeType(op);
  return note('op', `${found} is no operator: there are ${CONDITION_OPERATORS.join(', ')}`);
}

function parseNegate(negate: JsonValue | undefined, note: Note): boolean | null {
  if (negate === undefined) return false;
  return typeof negate === 'boolean'
    ? negate
    : note('negate', `true or false is needed, not ${describeType(negate)}`);
}

/** Notes what is wrong with the value even where the attribute is at fault already. */
function parseTest(
  op: ConditionOperator,
  attr: AttrPath | null,
  value: JsonValue | undefined,
  patterns: PatternBudget,
  note: Note,
): TermTest | null {
  if (op === 'changed' || op === 'unchanged') {
    if (value !== undefined) return note('value', `"${op}" compares the snapshots and takes no value`);
    if (attr === null) return null;
    if (attr.source === 'data') return snapshotTerm(attr.keys, op);
    return note('attr', `"${op}" looks in both snapshots itself: name the field alone, as in "status"`);
  }
  if (value === undefined) return note('value', `"${op}" needs a value to compare with`);
  const test = operatorTest(op, value, patterns);
  if (typeof test === 'string') return note('value', test);
  return attr === null ? null : standardTerm(attr, test);
}
