import { TemplateError } from './template-error.js';

const MAX_LENGTH = 2_048;

/**
 * Checks a rendered URL and gives it in its normal form, without a fragment.
 *
 * What WHATWG's parser would silently drop or turn into something else (tabs, line breaks, `\`) is refused before it
 * is parsed.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_URL`.
 */
export function checkUrl(rendered: string): string {
  const text = rendered.trim();
  if (text === '') throw invalid('is empty');
  if (text.length > MAX_LENGTH) throw invalid(`has more than ${MAX_LENGTH} characters`);
  checkCharacters(text);
  if (!/^https?:\/\/[^/]/i.test(text)) throw invalid('does not begin with http:// or https:// and a host');
  const url = parse(text);
  if (url.username !== '' || url.password !== '') {
    throw invalid('holds a user name or password. Send them in an Authorization header');
  }
  url.hash = '';
  return url.href;
}

/**
 * Checks that a URL, or the literal part of a template for one, holds none of the characters that URLs may not have.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_URL`.
 */
export function checkCharacters(text: string): void {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f-\u00a0\\\u2028\u2029\ufeff]/.test(text)) {
    throw invalid(
      'holds white space, a control character or a backslash. Encode values: {{ value | urlencode }}',
    );
  }
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch {
    // The parser's error holds the URL, which may hold a secret.
    throw invalid('is not a valid URL');
  }
}

function invalid(what: string): TemplateError {
  return new TemplateError('WEBHOOKS_TEMPLATE_URL', `The URL ${what}.`, { field: 'url' });
}
