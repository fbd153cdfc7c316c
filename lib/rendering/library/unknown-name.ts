import { TemplateError, type TemplatePlace } from '../template-error.js';

/** The error for a filter, test, method or function that does not exist. */
export function unknownName(
  what: 'filter' | 'test' | 'method' | 'function',
  name: string,
  place: TemplatePlace,
): TemplateError {
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  const advice =
    what === 'function'
      ? 'Nothing of that name can be called here.'
      : `docs/05-templates.md lists every ${what}.`;
  return new TemplateError('WEBHOOKS_TEMPLATE_UNKNOWN', `There is no ${what} "${shown}". ${advice}`, place);
}
