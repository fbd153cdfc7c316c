import { checkHeaderName, checkHeaderValue, noColon } from './check-headers.js';
import { checkCharacters, checkUrl } from './check-url.js';
import { CompiledTemplate } from './compiled-template.js';
import type { RequestTemplates } from './render-request.js';
import { parseTemplate } from './syntax/parse-template.js';
import { TemplateError, type TemplateErrorCode, type TemplateField } from './template-error.js';
import { skeletonOf, UNKNOWN } from './template-skeleton.js';

/** What is wrong with a field of a webhook. */
export interface TemplateFault {
  readonly field: TemplateField;
  readonly code: TemplateErrorCode;
  /** Says what is wrong and where in the field. */
  readonly message: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/**
 * Checks the templates of a webhook when it is saved: that they compile, and whatever of the URL and of the headers is
 * written literally. What depends on values is checked when it is rendered. At most one fault for each field.
 */
export function checkTemplates(fields: Omit<RequestTemplates, 'method'>): TemplateFault[] {
  const strict = fields.strict === true;
  return [
    ...faultOf('url', () => {
      CompiledTemplate.of(fields.url, strict);
      checkLiteralUrl(skeletonOf(parseTemplate(fields.url)).trim());
    }),
    ...faultOf('additionalHeaders', () => {
      CompiledTemplate.of(fields.additionalHeaders, strict);
      checkLiteralHeaders(skeletonOf(parseTemplate(fields.additionalHeaders)));
    }),
    ...faultOf('bodyTemplate', () => CompiledTemplate.of(fields.bodyTemplate, strict)),
    ...faultOf('contentType', () => checkHeaderValue(fields.contentType)),
  ];
}

/** Whether a template renders to itself: it holds no tags. */
export function isLiteralTemplate(source: string): boolean {
  return !/\{[{%#]/.test(source);
}

function checkLiteralUrl(text: string): void {
  if (!text.includes(UNKNOWN)) {
    checkUrl(text);
    return;
  }
  checkCharacters(text.replaceAll(UNKNOWN, ''));
  // Up to the first value, a URL that is not http must show it.
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0].toLowerCase();
  if (scheme !== undefined && scheme !== 'http:' && scheme !== 'https:')
    checkUrl(text.replaceAll(UNKNOWN, ''));
}

function checkLiteralHeaders(text: string): void {
  for (const [index, line] of text.split(/\r\n|[\r\n]/).entries()) {
    if (line.trim() === '') continue;
    const colon = line.indexOf(':');
    if (colon === -1 && !line.includes(UNKNOWN)) throw noColon(index + 1);
    if (colon === -1) continue;
    const name = line.slice(0, colon).trim();
    if (!name.includes(UNKNOWN)) checkHeaderName(name, index + 1);
    checkHeaderValue(
      line
        .slice(colon + 1)
        .replaceAll(UNKNOWN, '')
        .trim(),
      index + 1,
    );
  }
}

function faultOf(field: TemplateField, check: () => unknown): TemplateFault[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { code, line, column } = error;
    const place =
      line === undefined ? '' : ` (line ${line}${column === undefined ? '' : `, column ${column}`})`;
    return [{ field, code, message: `${error.detail}${place}`, line, column }];
  }
}
