import type { Rendering } from '../runtime/rendering.js';
import { MAX_DEPTH, MAX_NODES } from '../template-limits.js';
import { errorAt, type SyntaxNode } from '../syntax/syntax-node.js';
import type { Compilation, Compile, Evaluate, Execute } from './compilation.js';
import { EXPRESSIONS } from './compile-expressions.js';
import { STATEMENTS } from './compile-statements.js';

const nothing: Execute = () => undefined;

/**
 * Compiles a syntax tree to closures; no code is generated. It is the allow-list, too: only nodes of a known type are
 * compiled, only parts that the compiler of their type asks for are reached, and nothing else can run.
 */
export class TemplateCompiler implements Compilation {
  readonly strict: boolean;
  #nodes = 0;
  #depth = 0;

  constructor(strict: boolean) {
    this.strict = strict;
  }

  expression(node: SyntaxNode, lenient = false): Evaluate {
    return this.#compile(node, EXPRESSIONS, lenient);
  }

  body(node: SyntaxNode | null | undefined): Execute {
    const statements = (node?.children ?? []).map((child) => {
      const before = this.#nodes;
      const execute = this.#compile(child, STATEMENTS, false);
      return { execute, steps: 1 + ((this.#nodes - before) >> 3) };
    });
    if (statements.length === 0) return nothing;
    return (rendering: Rendering) => {
      for (const { execute, steps } of statements) {
        rendering.budget.step(steps);
        execute(rendering);
      }
    };
  }

  #compile<Result>(node: SyntaxNode, known: ReadonlyMap<string, Compile<Result>>, lenient: boolean): Result {
    if (++this.#nodes > MAX_NODES) {
      throw errorAt(node, 'WEBHOOKS_TEMPLATE_LIMIT', `The template has more than ${MAX_NODES} parts.`);
    }
    if (++this.#depth > MAX_DEPTH) {
      throw errorAt(node, 'WEBHOOKS_TEMPLATE_LIMIT', `The template is nested more than ${MAX_DEPTH} deep.`);
    }
    const compile = known.get(node.typename);
    if (compile === undefined) {
      throw errorAt(
        node,
        'WEBHOOKS_TEMPLATE_FORBIDDEN',
        `"${node.typename}" is not available in webhook templates.`,
      );
    }
    const result = compile(node, this, lenient);
    this.#depth--;
    return result;
  }
}
