import type { AdminRequest } from './admin.interceptor.js';

/**
 * The address of a request without the slash at its end, relative to it: Fastify takes the two for different routes.
 * `undefined` when there is none.
 */
export function withoutSlash({
  originalUrl,
  url,
}: Pick<AdminRequest, 'originalUrl' | 'url'>): string | undefined {
  const [path = '', ...query] = (originalUrl ?? url).split('?');
  if (!path.endsWith('/')) return undefined;
  const name = path.split('/').findLast((part) => part !== '');
  if (name === undefined) return undefined;
  const slashes = path.length - path.replace(/\/+$/, '').length;
  return '../'.repeat(slashes) + name + (query.length === 0 ? '' : `?${query.join('?')}`);
}
