import { strictlyEqual } from '../runtime/operators.js';
import type { Rendering } from '../runtime/rendering.js';
import { textOf } from '../runtime/text-of.js';
import { otherwiseOf, part, type SyntaxNode } from '../syntax/syntax-node.js';
import type { Compilation, Compile, Evaluate, Execute } from './compilation.js';
import { marker } from './call-arguments.js';
import { compileFor } from './compile-for.js';
import { compileMacro } from './compile-macro.js';
import { nameOf } from './names.js';

const compileOutput: Compile<Execute> = (node, compilation) => {
  const writes = (node.children ?? []).map((child) =>
    child.typename === 'TemplateData' ? compileData(child) : compileValue(child, node, compilation),
  );
  const [only, ...others] = writes;
  if (only !== undefined && others.length === 0) return only;
  return (rendering) => writes.forEach((write) => write(rendering));
};

function compileData(node: SyntaxNode): Execute {
  const text = String(node.value);
  return (rendering) => rendering.write(text);
}

function compileValue(node: SyntaxNode, output: SyntaxNode, compilation: Compilation): Execute {
  const evaluate = compilation.expression(node);
  const mark = marker(output);
  return (rendering) => {
    mark(rendering);
    const value = evaluate(rendering);
    const text = typeof value === 'string' ? value : textOf(value, rendering);
    if (rendering.singleLineValues && /[\r\n]/.test(text)) throw lineBreak(rendering);
    rendering.write(text);
  };
}

function lineBreak(rendering: Rendering): Error {
  return rendering.error(
    'WEBHOOKS_TEMPLATE_HEADERS',
    'A value written into a header holds a line break. Encode it (| urlencode, | tojson) or leave it out.',
  );
}

// elif is nested in the tree; written out as one chain, it costs no depth.
const compileIf: Compile<Execute> = (node, compilation) => {
  const branches: { condition: Evaluate; body: Execute }[] = [];
  let last: SyntaxNode | null | undefined = node;
  for (; last?.typename === 'If'; last = otherwiseOf(last)) {
    branches.push({
      condition: compilation.expression(part(last, last.cond)),
      body: compilation.body(last.body),
    });
  }
  const otherwise = compilation.body(last);
  return (rendering) =>
    (branches.find(({ condition }) => condition(rendering))?.body ?? otherwise)(rendering);
};

const compileSet: Compile<Execute> = (node, compilation) => {
  const names = (node.targets ?? []).map((target) => nameOf(target));
  const given = node.value as SyntaxNode | null | undefined;
  const value = compilation.expression(part(node, given ?? node.body));
  return (rendering) => {
    const assigned = value(rendering);
    for (const name of names) rendering.scope.assign(name, assigned);
  };
};

const compileMacroStatement: Compile<Execute> = (node, compilation, lenient) => {
  const name = nameOf(part(node, node.name));
  const macro = compileMacro(node, compilation, lenient);
  return (rendering) => rendering.scope.declare(name, macro(rendering));
};

const compileSwitch: Compile<Execute> = (node, compilation) => {
  const subject = compilation.expression(part(node, node.expr));
  const cases = (node.cases ?? []).map((branch) => ({
    value: compilation.expression(part(node, branch.cond)),
    body: compilation.body(branch.body),
    // A case without a body shares that of the next one.
    empty: branch.body?.children?.length === 0,
  }));
  const otherwise = compilation.body(node.default);
  return (rendering) => {
    const value = subject(rendering);
    const matching = cases.findIndex((branch) => strictlyEqual(value, branch.value(rendering), rendering));
    const chosen = matching === -1 ? undefined : cases.slice(matching).find((branch) => !branch.empty);
    (chosen?.body ?? otherwise)(rendering);
  };
};

/** The statements by the type of their node. What is not here cannot be used in a template. */
export const STATEMENTS: ReadonlyMap<string, Compile<Execute>> = new Map([
  ['Output', compileOutput],
  ['If', compileIf],
  ['For', compileFor],
  ['Set', compileSet],
  ['Macro', compileMacroStatement],
  ['Switch', compileSwitch],
]);
