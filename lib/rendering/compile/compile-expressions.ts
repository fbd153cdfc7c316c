import { FILTERS } from '../library/filters.js';
import { GLOBALS } from '../library/globals.js';
import { methodOf } from '../library/methods.js';
import { TESTS } from '../library/tests.js';
import { unknownName } from '../library/unknown-name.js';
import { lookupMember } from '../runtime/lookup-member.js';
import { takeSlice } from '../runtime/take-slice.js';
import { errorAt, lineAndColumn, otherwiseOf, part, type SyntaxNode } from '../syntax/syntax-node.js';
import { TemplateFunction, type CallArguments } from '../values/template-function.js';
import { newDict, type Value } from '../values/value.js';
import { compileArguments, evaluateArguments, inOrder, marker } from './call-arguments.js';
import type { Compilation, Compile, Evaluate } from './compilation.js';
import { compileMacro } from './compile-macro.js';
import { describe, nameOf } from './names.js';
import { OPERATORS } from './compile-operators.js';

const compileLiteral: Compile<Evaluate> = (node) => {
  const value = node.value as Value;
  if (typeof value === 'object' && value !== null) {
    throw errorAt(
      node,
      'WEBHOOKS_TEMPLATE_FORBIDDEN',
      'Only texts, numbers, booleans and null can be written here.',
    );
  }
  return () => value;
};

const compileSymbol: Compile<Evaluate> = (node, compilation, lenient) => {
  const name = nameOf(node);
  const global = GLOBALS.get(name);
  return required(node, compilation, lenient, (rendering) => {
    const value = rendering.lookup(name);
    return value === undefined && global !== undefined ? global(rendering) : value;
  });
};

const compileLookup: Compile<Evaluate> = (node, compilation, lenient) => {
  const target = compilation.expression(part(node, node.target), lenient);
  const key = compilation.expression(part(node, node.val));
  return required(node, compilation, lenient, (rendering) => lookupMember(target(rendering), key(rendering)));
};

function required(
  node: SyntaxNode,
  compilation: Compilation,
  lenient: boolean,
  evaluate: Evaluate,
): Evaluate {
  if (!compilation.strict || lenient) return evaluate;
  const mark = marker(node);
  const label = describe(node);
  return (rendering) => {
    const value = evaluate(rendering);
    if (value !== undefined) return value;
    mark(rendering);
    throw rendering.error(
      'WEBHOOKS_TEMPLATE_UNDEFINED',
      `${label} is not defined, and this template is strict. Say "${label} | default(…)".`,
    );
  };
}

const compileSlice: Compile<Evaluate> = (node, compilation) => {
  const target = compilation.expression(part(node, node.target));
  const [start, stop, step] = [node.start, node.stop, node.step].map((bound) =>
    bound === null || bound === undefined ? () => null : compilation.expression(bound),
  ) as [Evaluate, Evaluate, Evaluate];
  const mark = marker(node);
  return (rendering) => {
    const values = [target(rendering), start(rendering), stop(rendering), step(rendering)] as const;
    mark(rendering);
    return takeSlice(...values, rendering);
  };
};

const compileList: Compile<Evaluate> = (node, compilation) => {
  const elements = (node.children ?? []).map((child) => compilation.expression(child));
  return (rendering) => {
    rendering.budget.list(elements.length);
    return elements.map((evaluate) => evaluate(rendering));
  };
};

const compileGroup: Compile<Evaluate> = (node, compilation, lenient) => {
  const [only, ...others] = node.children ?? [];
  if (only === undefined) throw errorAt(node, 'WEBHOOKS_TEMPLATE_SYNTAX', 'These brackets are empty.');
  return others.length === 0 ? compilation.expression(only, lenient) : compileList(node, compilation, false);
};

const compileDict: Compile<Evaluate> = (node, compilation) => {
  const pairs = (node.children ?? []).map((pair) => ({
    key: dictKey(part(pair, pair.key)),
    value: compilation.expression(part(pair, pair.value as SyntaxNode | null)),
  }));
  return (rendering) => {
    rendering.budget.list(pairs.length);
    const dict = newDict();
    for (const { key, value } of pairs) dict[key] = value(rendering);
    return dict;
  };
};

function dictKey(node: SyntaxNode): string {
  if (node.typename === 'Symbol') return nameOf(node);
  if (node.typename !== 'Literal' || typeof node.value !== 'string') {
    throw errorAt(node, 'WEBHOOKS_TEMPLATE_SYNTAX', 'The keys of a dict must be texts or names.');
  }
  if (node.value === '__proto__') {
    throw errorAt(node, 'WEBHOOKS_TEMPLATE_FORBIDDEN', 'The key "__proto__" is not available in templates.');
  }
  return node.value;
}

const compileInlineIf: Compile<Evaluate> = (node, compilation, lenient) => {
  const condition = compilation.expression(part(node, node.cond));
  const body = compilation.expression(part(node, node.body), lenient);
  const alternative = otherwiseOf(node);
  const otherwise: Evaluate = alternative === null ? () => '' : compilation.expression(alternative, lenient);
  return (rendering) => (condition(rendering) ? body(rendering) : otherwise(rendering));
};

const compileFilter: Compile<Evaluate> = (node, compilation) => {
  const name = part(node, node.name);
  const filter = FILTERS.get(String(name.value));
  if (filter === undefined) throw unknownName('filter', String(name.value), lineAndColumn(name));
  const [input, ...others] = part(node, node.args).children ?? [];
  const lenient = filter === FILTERS.get('default');
  const value = compilation.expression(part(node, input), lenient);
  const args = inOrder(compileArguments(others, compilation), filter.parameters, name);
  const mark = marker(name);
  return (rendering) => {
    const values = [value(rendering), args(rendering)] as const;
    mark(rendering);
    rendering.budget.step();
    return filter.apply(...values, rendering);
  };
};

const compileIs: Compile<Evaluate> = (node, compilation) => {
  const right = part(node, node.right);
  const called = right.typename === 'FunCall' ? part(right, right.name) : right;
  const literal =
    called.typename === 'Literal' && (typeof called.value === 'boolean' || called.value === null);
  const name = literal || called.typename === 'Symbol' ? String(called.value) : describe(called);
  const test = TESTS.get(name);
  if (test === undefined) throw unknownName('test', name, lineAndColumn(called));
  const left = compilation.expression(part(node, node.left), name === 'defined' || name === 'undefined');
  const given = right.typename === 'FunCall' ? (right.args?.children ?? []) : [];
  const args = inOrder(compileArguments(given, compilation), test.parameters, called);
  const mark = marker(called);
  return (rendering) => {
    const values = [left(rendering), args(rendering)] as const;
    mark(rendering);
    rendering.budget.step();
    return test.apply(...values, rendering);
  };
};

const compileCall: Compile<Evaluate> = (node, compilation) => {
  const called = part(node, node.name);
  const args = compileArguments(part(node, node.args).children ?? [], compilation);
  const mark = marker(node);
  const place = lineAndColumn(node);
  const label = describe(called);
  if (called.typename === 'LookupVal') {
    const target = compilation.expression(part(called, called.target));
    const key = compilation.expression(part(called, called.val));
    return (rendering) => {
      const object = target(rendering);
      const name = key(rendering);
      const member = lookupMember(object, name);
      const given = evaluateArguments(args, rendering);
      mark(rendering);
      rendering.budget.step();
      if (member instanceof TemplateFunction) return member.invoke(given);
      const method = typeof name === 'string' ? methodOf(object, name) : undefined;
      if (method === undefined) throw unknownName('method', label, place);
      return method.apply(object, inOrderNow(method.parameters, given), rendering);
    };
  }
  const callee = compilation.expression(called, true);
  return (rendering) => {
    const target = callee(rendering);
    const given = evaluateArguments(args, rendering);
    mark(rendering);
    rendering.budget.step();
    if (!(target instanceof TemplateFunction)) throw unknownName('function', label, place);
    return target.invoke(given);
  };

  function inOrderNow(parameters: readonly string[], given: CallArguments): Value[] {
    const values = [...given.positional];
    for (const [argument, value] of given.named) {
      const index = parameters.indexOf(argument);
      if (index === -1) throw unknownName('method', `${label}(${argument}=…)`, place);
      values[index] = value;
    }
    return values;
  }
};

const compileCapture: Compile<Evaluate> = (node, compilation) => {
  const body = compilation.body(node.body);
  return (rendering) => rendering.capture(body);
};

/** The expressions by the type of their node. What is not here cannot be used in a template. */
export const EXPRESSIONS: ReadonlyMap<string, Compile<Evaluate>> = new Map([
  ...OPERATORS,
  ['Literal', compileLiteral],
  ['Symbol', compileSymbol],
  ['LookupVal', compileLookup],
  ['Slice', compileSlice],
  ['Array', compileList],
  ['Group', compileGroup],
  ['Dict', compileDict],
  ['InlineIf', compileInlineIf],
  ['Filter', compileFilter],
  ['Is', compileIs],
  ['FunCall', compileCall],
  ['Caller', compileMacro],
  ['Capture', compileCapture],
]);
