import type { TemplateOptions } from '../options/webhooks-options.js';
import { CompiledTemplate } from './compiled-template.js';
import { Budget } from './runtime/budget.js';
import { TemplateVariables } from './runtime/template-variables.js';
import { templateLimits } from './template-limits.js';

/** How a template is compiled and rendered. */
export interface CompileTemplateOptions extends TemplateOptions {
  /**
   * Reading a variable or attribute that is not there is an error, unless `default` or `is defined` asks for it.
   *
   * @defaultValue `false`: it renders empty
   */
  readonly strict?: boolean;
}

/**
 * Compiles a template of a webhook, to render it or to test what operators write. The same source is compiled once.
 *
 * ```ts
 * const render = compileTemplate('{{ data.name | upper }} was {{ event }}d by {{ username }}');
 * render({ event: 'create', username: 'ada', data: { name: 'core-1' } }); // CORE-1 was created by ada
 * ```
 *
 * @throws TemplateError with a code `WEBHOOKS_TEMPLATE_…`, line and column; so does what it returns.
 */
export function compileTemplate(
  source: string,
  options: CompileTemplateOptions = {},
): (context: object) => string {
  const template = CompiledTemplate.of(source, options.strict === true);
  const limits = templateLimits(options);
  return (context) => template.render(new TemplateVariables(context), new Budget(limits));
}
