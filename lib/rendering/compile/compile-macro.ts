import type { Rendering } from '../runtime/rendering.js';
import type { Scope } from '../runtime/scope.js';
import { errorAt, part } from '../syntax/syntax-node.js';
import { TemplateFunction, type CallArguments } from '../values/template-function.js';
import type { Compile, Evaluate } from './compilation.js';
import { compileArguments } from './call-arguments.js';
import { nameOf } from './names.js';

/** Compiles a macro, or the block of a `call`, to its function. It sees what surrounds it, and changes only its own. */
export const compileMacro: Compile<Evaluate> = (node, compilation) => {
  const signature = part(node, node.args).children ?? [];
  const defaults = compileArguments(signature.slice(-1).filter(isKeywords), compilation).named;
  const names = signature.filter((argument) => !isKeywords(argument)).map((argument) => nameOf(argument));
  const parameters = [...names, ...defaults.map(([name]) => name)];
  if (new Set(parameters).size < parameters.length) {
    throw errorAt(node, 'WEBHOOKS_TEMPLATE_SYNTAX', 'Two parameters of this macro have one name.');
  }
  const body = compilation.body(node.body);

  const bind = (scope: Scope, { positional, named }: CallArguments, rendering: Rendering): void => {
    parameters.forEach((name, index) => {
      if (named.has(name)) scope.declare(name, named.get(name));
      else if (index < positional.length) scope.declare(name, positional[index]);
      else scope.declare(name, defaults[index - names.length]?.[1](rendering));
    });
    if (named.has('caller')) scope.declare('caller', named.get('caller'));
  };

  return (rendering) => {
    const surroundings = rendering.scope;
    return new TemplateFunction((args) =>
      rendering.deeper(() =>
        rendering.within(surroundings, true, (scope) => {
          bind(scope, args, rendering);
          return rendering.capture(body);
        }),
      ),
    );
  };
};

function isKeywords(node: { readonly typename: string }): boolean {
  return node.typename === 'KeywordArgs';
}
