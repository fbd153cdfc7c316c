import { TemplateCompiler } from './compile/template-compiler.js';
import type { Execute } from './compile/compilation.js';
import type { Budget } from './runtime/budget.js';
import { Rendering } from './runtime/rendering.js';
import type { TemplateVariables } from './runtime/template-variables.js';
import { SourceCache } from './source-cache.js';
import { parseTemplate } from './syntax/parse-template.js';
import { TemplateError } from './template-error.js';

/** A template, ready to be rendered as often as wanted. */
export class CompiledTemplate {
  static readonly #cache = new SourceCache<CompiledTemplate>();
  readonly #execute: Execute;

  private constructor(execute: Execute) {
    this.#execute = execute;
  }

  /**
   * The compiled template of a source; from the cache when it was compiled before.
   *
   * @throws TemplateError when it cannot be compiled.
   */
  static of(source: string, strict: boolean): CompiledTemplate {
    return CompiledTemplate.#cache.get(`${strict ? 's' : 'l'}${source}`, () => {
      const root = parseTemplate(source);
      return new CompiledTemplate(new TemplateCompiler(strict).body(root));
    });
  }

  /**
   * Renders, within what the budget has left. `singleLineValues` refuses line breaks in values.
   *
   * @throws TemplateError with the place where it went wrong.
   */
  render(variables: TemplateVariables, budget: Budget, singleLineValues = false): string {
    const rendering = new Rendering(budget, variables, singleLineValues);
    try {
      this.#execute(rendering);
      return rendering.output;
    } catch (error) {
      throw templateErrorOf(error).at(rendering.place);
    }
  }
}

function templateErrorOf(error: unknown): TemplateError {
  if (error instanceof TemplateError) return error;
  if (error instanceof RangeError) {
    return new TemplateError(
      'WEBHOOKS_TEMPLATE_LIMIT',
      'The template needs too much room.',
      {},
      { cause: error },
    );
  }
  return new TemplateError(
    'WEBHOOKS_TEMPLATE_RUNTIME',
    'The template cannot be rendered.',
    {},
    { cause: error },
  );
}
