import type { TemplateOptions } from '../options/webhooks-options.js';
import { checkHeaderValue, parseHeaders, type Header } from './check-headers.js';
import { checkUrl } from './check-url.js';
import { CompiledTemplate } from './compiled-template.js';
import { defaultBody } from './default-body.js';
import { Budget } from './runtime/budget.js';
import { TemplateVariables } from './runtime/template-variables.js';
import { parsedSubject, type SerialisedSubject } from './serialised-subject.js';
import { templateContext } from './template-context.js';
import { TemplateError, type TemplateField } from './template-error.js';
import { templateLimits, type TemplateLimits } from './template-limits.js';

/** The fields of a webhook that say what is sent. */
export interface RequestTemplates {
  readonly url: string;
  readonly method: string;
  readonly contentType: string;
  /** `Name: value` a line. */
  readonly additionalHeaders: string;
  /** Blank: the default body. */
  readonly bodyTemplate: string;
  /**
   * A value that is not there is an error.
   *
   * @defaultValue `false`
   */
  readonly strict?: boolean;
}

/** A request, but for the headers of signing and sending. */
export interface RenderedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly Header[];
  /** Null: the request has none. */
  readonly body: string | null;
}

/** How a request is rendered. */
export interface RenderRequestOptions extends TemplateOptions {
  /** The body of the delivery's first rendering, null when it had none. It is sent again and not rendered. */
  readonly body?: string | null;
}

type RenderedField = 'url' | 'additionalHeaders' | 'bodyTemplate';

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
const MAX_BODY_BYTES = 1_048_576;

/**
 * Renders a webhook's request for an event, and checks what came out.
 *
 * @param secrets named secret values, which templates read as `secrets.NAME`
 * @throws TemplateError with the field, and line and column of its template where they are known.
 */
export function renderRequest(
  templates: RequestTemplates,
  subject: SerialisedSubject,
  secrets: Readonly<Record<string, string>>,
  options: RenderRequestOptions = {},
): RenderedRequest {
  if (!METHODS.has(templates.method)) {
    throw new TemplateError(
      'WEBHOOKS_TEMPLATE_RUNTIME',
      'The method must be GET, POST, PUT, PATCH or DELETE.',
    );
  }
  const compiled = (field: RenderedField): CompiledTemplate =>
    naming(field, () => CompiledTemplate.of(templates[field], templates.strict === true));
  const [url, headers, body] = [compiled('url'), compiled('additionalHeaders'), compiled('bodyTemplate')];

  // One budget for the three: a request holds the event loop as long as one template may.
  const limits = templateLimits(options);
  const budget = new Budget(limits);
  const variables = new TemplateVariables(templateContext(parsedSubject(subject), secrets));
  const render = (field: RenderedField, template: CompiledTemplate): string =>
    naming(field, () => template.render(variables, budget, field === 'additionalHeaders'));

  const address = checkUrl(render('url', url));
  const additional = parseHeaders(render('additionalHeaders', headers));
  const sent =
    options.body === undefined
      ? bodyOf(templates, subject, () => render('bodyTemplate', body))
      : options.body;
  if (sent !== null) naming('bodyTemplate', () => checkBody(sent, limits));
  const contentType: Header[] =
    sent === null ? [] : [['content-type', checkContentType(templates.contentType)]];
  return { url: address, method: templates.method, headers: [...contentType, ...additional], body: sent };
}

function bodyOf(
  templates: RequestTemplates,
  subject: SerialisedSubject,
  render: () => string,
): string | null {
  if (templates.bodyTemplate.trim() !== '') return render();
  return templates.method === 'GET' ? null : defaultBody(subject);
}

/** The value of the content-type header; JSON when the field is blank. */
function checkContentType(contentType: string): string {
  const value = contentType.trim();
  naming('contentType', () => checkHeaderValue(value));
  return value === '' ? 'application/json' : value;
}

function checkBody(body: string, { maxOutput }: TemplateLimits): void {
  const limit = Math.max(MAX_BODY_BYTES, maxOutput);
  if (Buffer.byteLength(body) > limit) {
    const advice = 'Send less of the object, or serialize less.';
    throw new TemplateError('WEBHOOKS_TEMPLATE_BODY', `The body has more than ${limit} bytes. ${advice}`);
  }
  if (body.includes('\0')) {
    throw new TemplateError(
      'WEBHOOKS_TEMPLATE_BODY',
      'The body holds a NUL character. Write values with | tojson.',
    );
  }
}

function naming<T>(field: TemplateField, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError(
      error.code,
      error.detail,
      { field, line: error.line, column: error.column },
      { cause: error.cause },
    );
  }
}
