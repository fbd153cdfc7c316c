import { WebhooksError } from '../common/webhooks-error.js';

/**
 * What a template can do wrong.
 *
 * - `WEBHOOKS_TEMPLATE_SYNTAX`: it cannot be parsed
 * - `WEBHOOKS_TEMPLATE_FORBIDDEN`: it uses what webhook templates do not offer, such as `include`
 * - `WEBHOOKS_TEMPLATE_UNKNOWN`: it names a filter, test, method, function or argument that does not exist
 * - `WEBHOOKS_TEMPLATE_UNDEFINED`: strict templates only, it reads a value that is not there
 * - `WEBHOOKS_TEMPLATE_LIMIT`: it is too large, or takes too many steps, too long or too much memory
 * - `WEBHOOKS_TEMPLATE_RUNTIME`: a value does not fit what is done with it
 * - `WEBHOOKS_TEMPLATE_URL`, `WEBHOOKS_TEMPLATE_HEADERS`, `WEBHOOKS_TEMPLATE_BODY`: what it renders cannot be sent
 */
export type TemplateErrorCode =
  | 'WEBHOOKS_TEMPLATE_SYNTAX'
  | 'WEBHOOKS_TEMPLATE_FORBIDDEN'
  | 'WEBHOOKS_TEMPLATE_UNKNOWN'
  | 'WEBHOOKS_TEMPLATE_UNDEFINED'
  | 'WEBHOOKS_TEMPLATE_LIMIT'
  | 'WEBHOOKS_TEMPLATE_RUNTIME'
  | 'WEBHOOKS_TEMPLATE_URL'
  | 'WEBHOOKS_TEMPLATE_HEADERS'
  | 'WEBHOOKS_TEMPLATE_BODY';

/** The field of a webhook whose template is meant. */
export type TemplateField = 'url' | 'additionalHeaders' | 'bodyTemplate' | 'contentType';

/** Where in a webhook a template error was made. */
export interface TemplatePlace {
  readonly field?: TemplateField | undefined;
  /** Line in the template, from 1. */
  readonly line?: number | undefined;
  /** Column in the line, from 1. */
  readonly column?: number | undefined;
}

/**
 * A template that cannot be compiled, rendered or sent. Messages quote the template, never a rendered value, which
 * may hold a secret.
 */
export class TemplateError extends WebhooksError {
  declare readonly code: TemplateErrorCode;
  /** The message without its place. */
  readonly detail: string;
  readonly field: TemplateField | undefined;
  /** Line in the template, from 1. */
  readonly line: number | undefined;
  /** Column in the line, from 1. */
  readonly column: number | undefined;

  constructor(code: TemplateErrorCode, detail: string, place: TemplatePlace = {}, options?: ErrorOptions) {
    super(code, describe(detail, place), options);
    this.detail = detail;
    this.field = place.field;
    this.line = place.line;
    this.column = place.column;
  }

  /** The same error, with its place filled in where it was not known yet. */
  at(place: TemplatePlace): TemplateError {
    const merged: TemplatePlace = {
      field: this.field ?? place.field,
      line: this.line ?? place.line,
      column: this.line === undefined ? place.column : this.column,
    };
    return new TemplateError(this.code, this.detail, merged, { cause: this.cause });
  }
}

function describe(detail: string, { field, line, column }: TemplatePlace): string {
  const position =
    line === undefined ? '' : ` (line ${line}${column === undefined ? '' : `, column ${column}`})`;
  return `${field === undefined ? '' : `${field}: `}${detail}${position}`;
}
