import { add, ARITHMETIC, COMPARISONS, contains, toNumber } from '../runtime/operators.js';
import { joinTexts } from '../runtime/text-of.js';
import type { Rendering } from '../runtime/rendering.js';
import { errorAt, part, type SyntaxNode } from '../syntax/syntax-node.js';
import type { Value } from '../values/value.js';
import type { Compilation, Compile, Evaluate } from './compilation.js';
import { marker } from './call-arguments.js';

// Chains such as a ~ b ~ c ~ d are as deep as they are long in the tree; they are compiled as one node.
function chain(node: SyntaxNode, compilation: Compilation): Evaluate[] {
  const operands: SyntaxNode[] = [];
  let left = node;
  while (left.typename === node.typename) {
    operands.push(part(left, left.right));
    left = part(left, left.left);
  }
  operands.push(left);
  return operands.toReversed().map((operand) => compilation.expression(operand));
}

function arithmetic(operator: (left: number, right: number) => number): Compile<Evaluate> {
  return (node, compilation) => {
    const left = compilation.expression(part(node, node.left));
    const right = compilation.expression(part(node, node.right));
    return (rendering) => operator(toNumber(left(rendering)), toNumber(right(rendering)));
  };
}

const compileAdd: Compile<Evaluate> = (node, compilation) => {
  const [first, ...others] = chain(node, compilation) as [Evaluate, ...Evaluate[]];
  const mark = marker(node);
  return (rendering) => {
    let sum = first(rendering);
    for (const operand of others) {
      const value = operand(rendering);
      mark(rendering);
      sum = add(sum, value, rendering);
    }
    return sum;
  };
};

const compileConcat: Compile<Evaluate> = (node, compilation) => {
  const operands = chain(node, compilation);
  const mark = marker(node);
  return (rendering) => {
    const values = operands.map((operand) => operand(rendering));
    mark(rendering);
    return joinTexts(values, '', rendering);
  };
};

const compileAnd: Compile<Evaluate> = (node, compilation) => {
  const operands = chain(node, compilation);
  return (rendering) => firstThat(operands, (value) => !value, rendering);
};

const compileOr: Compile<Evaluate> = (node, compilation) => {
  const operands = chain(node, compilation);
  return (rendering) => firstThat(operands, Boolean, rendering);
};

function firstThat(
  operands: readonly Evaluate[],
  decides: (value: Value) => boolean,
  rendering: Rendering,
): Value {
  let value: Value;
  for (const operand of operands) {
    value = operand(rendering);
    if (decides(value)) break;
  }
  return value;
}

const compileCompare: Compile<Evaluate> = (node, compilation) => {
  const first = compilation.expression(part(node, node.expr));
  const others = (node.ops ?? []).map((operand) => {
    const compare = COMPARISONS.get(operand.type ?? '');
    if (compare === undefined) throw errorAt(operand, 'WEBHOOKS_TEMPLATE_SYNTAX', 'Unknown comparison.');
    return { compare, right: compilation.expression(part(operand, operand.expr)) };
  });
  const mark = marker(node);
  return (rendering) => {
    let left = first(rendering);
    for (const { compare, right } of others) {
      const value = right(rendering);
      mark(rendering);
      if (!compare(left, value, rendering)) return false;
      left = value;
    }
    return true;
  };
};

const compileIn: Compile<Evaluate> = (node, compilation) => {
  const left = compilation.expression(part(node, node.left));
  const right = compilation.expression(part(node, node.right));
  const mark = marker(node);
  return (rendering) => {
    const needle = left(rendering);
    const container = right(rendering);
    mark(rendering);
    return contains(needle, container, rendering);
  };
};

function unary(operator: (value: Value) => Value): Compile<Evaluate> {
  return (node, compilation) => {
    const target = compilation.expression(part(node, node.target));
    return (rendering) => operator(target(rendering));
  };
}

/** The operators by the type of their node. */
export const OPERATORS: readonly [typename: string, compile: Compile<Evaluate>][] = [
  ['Add', compileAdd],
  ['Concat', compileConcat],
  ['And', compileAnd],
  ['Or', compileOr],
  ['Compare', compileCompare],
  ['In', compileIn],
  ['Not', unary((value) => !value)],
  ['Neg', unary((value) => -toNumber(value))],
  ['Pos', unary((value) => toNumber(value))],
  ...Object.entries(ARITHMETIC).map(([name, operator]): [string, Compile<Evaluate>] => [
    name,
    arithmetic(operator),
  ]),
];
