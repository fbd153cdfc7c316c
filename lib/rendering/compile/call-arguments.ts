import type { Rendering } from '../runtime/rendering.js';
import { errorAt, lineAndColumn, part, type SyntaxNode } from '../syntax/syntax-node.js';
import type { CallArguments } from '../values/template-function.js';
import type { Value } from '../values/value.js';
import type { Compilation, Evaluate } from './compilation.js';
import { nameOf } from './names.js';

/** The compiled arguments of a call. */
export interface CompiledArguments {
  readonly positional: readonly Evaluate[];
  readonly named: readonly (readonly [name: string, value: Evaluate])[];
}

/** Compiles the arguments of a call; the named ones come last. */
export function compileArguments(nodes: readonly SyntaxNode[], compilation: Compilation): CompiledArguments {
  const last = nodes.at(-1);
  const keywords = last?.typename === 'KeywordArgs' ? last : undefined;
  const positional = keywords === undefined ? nodes : nodes.slice(0, -1);
  return {
    positional: positional.map((node) => compilation.expression(node)),
    named: (keywords?.children ?? []).map((pair) => [
      nameOf(part(pair, pair.key)),
      compilation.expression(part(pair, pair.value as SyntaxNode | null)),
    ]),
  };
}

/** Evaluates the arguments for a function of the template. */
export function evaluateArguments(args: CompiledArguments, rendering: Rendering): CallArguments {
  return {
    positional: args.positional.map((evaluate) => evaluate(rendering)),
    named: new Map(args.named.map(([name, evaluate]) => [name, evaluate(rendering)])),
  };
}

/**
 * Puts the arguments of a filter, test or method in the order of its parameters.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_UNKNOWN` for a name that is no parameter.
 */
export function inOrder(
  args: CompiledArguments,
  parameters: readonly string[],
  node: SyntaxNode,
): (rendering: Rendering) => Value[] {
  const ordered: (Evaluate | undefined)[] = [...args.positional];
  for (const [name, evaluate] of args.named) {
    const index = parameters.indexOf(name);
    if (index === -1) {
      const known = parameters.length === 0 ? 'It takes none.' : `It takes ${parameters.join(', ')}.`;
      throw errorAt(node, 'WEBHOOKS_TEMPLATE_UNKNOWN', `There is no argument "${name}". ${known}`);
    }
    ordered[index] = evaluate;
  }
  const all = Array.from(ordered, (evaluate) => evaluate ?? (() => undefined));
  return (rendering) => all.map((evaluate) => evaluate(rendering));
}

/** Notes where the rendering is. */
export function marker(node: SyntaxNode): (rendering: Rendering) => void {
  const { line, column } = lineAndColumn(node);
  return (rendering) => rendering.moveTo(line, column);
}
