import { TemplateError } from './template-error.js';

/** A header's name and its value. */
export type Header = readonly [name: string, value: string];

const MAX_BYTES = 16_384;
/** Blank lines included, which are skipped. */
const MAX_RENDERED = 4 * MAX_BYTES;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
const RESERVED = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'http2-settings',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'x-hook-signature',
]);

/**
 * Reads rendered headers, `Name: value` a line; empty lines are skipped.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_HEADERS` with the line, for what is no header and for names that are taken.
 */
export function parseHeaders(rendered: string): Header[] {
  if (rendered.length > MAX_RENDERED) throw invalid(`The headers have more than ${MAX_RENDERED} characters.`);
  const headers: Header[] = [];
  const seen = new Set<string>();
  let size = 0;
  for (const [index, line] of rendered.split(/\r\n|[\r\n]/).entries()) {
    if (line.trim() === '') continue;
    const header = parseHeader(line, index + 1);
    const name = header[0].toLowerCase();
    if (seen.has(name)) throw invalid('The header of this line is there twice.', index + 1);
    seen.add(name);
    size += line.length + 2;
    if (size > MAX_BYTES) throw invalid(`The headers have more than ${MAX_BYTES} bytes.`, index + 1);
    headers.push(header);
  }
  return headers;
}

/**
 * Checks a header's name.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_HEADERS` when it is no token, or reserved for what sends the request.
 */
export function checkHeaderName(name: string, line: number): void {
  if (!TOKEN.test(name))
    throw invalid("A header name may hold letters, digits and -_.!#$%&'*+^`|~ only.", line);
  // Many servers read `Webhook_Signature` and `Webhook-Signature` as one name.
  const lower = name.toLowerCase().replace(/[^0-9a-z]/g, '-');
  if (lower === 'content-type')
    throw invalid('Content-Type has a field of its own: set contentType instead.', line);
  // No more of a rendered name than is known beforehand: the rest of it may be a secret.
  const reserved = RESERVED.has(lower) ? lower : lower.startsWith('proxy-') ? 'proxy-…' : null;
  if (reserved !== null) {
    throw invalid(`The header "${reserved}" is set by the sender and cannot be given.`, line);
  }
}

/**
 * Checks the value of a header: Latin-1 without control characters but tabs.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_HEADERS`.
 */
export function checkHeaderValue(value: string, line?: number): void {
  if (!VALUE.test(value)) {
    throw invalid(
      'A header value holds a character that headers cannot carry. Encode it: | urlencode.',
      line,
    );
  }
}

/** The error of a line without a colon. */
export function noColon(line: number): TemplateError {
  return invalid('A header is written "Name: value", and this line has no colon.', line);
}

function parseHeader(line: string, number: number): Header {
  const colon = line.indexOf(':');
  if (colon === -1) throw noColon(number);
  const name = line.slice(0, colon).trim();
  const value = line
    .slice(colon + 1)
    .replace(/^[\t ]+/, '')
    .trimEnd();
  checkHeaderName(name, number);
  checkHeaderValue(value, number);
  return [name, value];
}

function invalid(detail: string, line?: number): TemplateError {
  return new TemplateError('WEBHOOKS_TEMPLATE_HEADERS', detail, { field: 'additionalHeaders', line });
}
