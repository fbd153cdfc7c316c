import { NetworkError } from './network-error.js';

const MAX_LENGTH = 2_048;

/**
 * Controls, white space, invisible format characters and the backslash: `new URL()` drops some of them in silence and
 * reads others as something else than a human does.
 */
const FORBIDDEN = /[\p{Cc}\p{Z}\p{Cf}\\]/u;

/**
 * Reads the URL of a receiver. White space around it is dropped, and so is a fragment, which is never sent.
 *
 * @throws NetworkError `WEBHOOKS_URL_INVALID`
 */
export function parseTarget(text: string): URL {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH) throw invalid(`it is longer than ${MAX_LENGTH} characters`);
  if (FORBIDDEN.test(trimmed))
    throw invalid('it holds a space, a control character or a backslash; encode them');
  if (!/^https?:\/\/[^/?#]/i.test(trimmed))
    throw invalid('it does not start with http:// or https:// and a host');
  if (!URL.canParse(trimmed)) throw invalid('its host or port is malformed');
  const url = new URL(trimmed);
  if (url.username !== '' || url.password !== '') {
    throw invalid('it holds a user name or password; use an Authorization header');
  }
  if (bareHost(url) === '' || url.hostname.includes('..')) throw invalid('its host is malformed');
  url.hash = '';
  return url;
}

/** The host of a URL as policies look at it: without brackets, and without the dot of an absolute name. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function invalid(why: string): NetworkError {
  // The URL itself stays out of the message: it may hold a rendered secret.
  return new NetworkError('WEBHOOKS_URL_INVALID', `The URL cannot be used: ${why}.`);
}
