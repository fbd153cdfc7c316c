import type { IncomingHttpHeaders } from 'node:http';
import { AdminError } from './admin.error.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses requests that change something and that a browser sends on behalf of another site. Browsers say where a
 * request comes from in headers that pages cannot set; programs that are no browsers send neither of them.
 *
 * @throws AdminError `WEBHOOKS_CROSS_SITE`
 */
export function checkOrigin(method: string, headers: IncomingHttpHeaders): void {
  if (SAFE.has(method)) return;
  const site = headers['sec-fetch-site'];
  // `none`: typed by the user, not caused by a page.
  if (site !== undefined ? site === 'same-origin' || site === 'none' : isOwnOrigin(headers)) return;
  throw new AdminError(
    403,
    'WEBHOOKS_CROSS_SITE',
    'The request was refused: it changes something, and a page of another site sent it. Send it from the admin page, ' +
      'or from a program without an Origin header.',
  );
}

/** Older browsers, and pages that are not served over TLS. */
function isOwnOrigin({ origin, host, ...headers }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return true;
  const forwarded = headers['x-forwarded-host'];
  const own = [host, ...(typeof forwarded === 'string' ? forwarded.split(',') : [])];
  try {
    const asked = new URL(origin).host;
    return own.some((name) => name?.trim().toLowerCase() === asked);
  } catch {
    return false;
  }
}
