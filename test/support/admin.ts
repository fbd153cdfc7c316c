import type { Server } from 'node:http';
import {
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { expect } from 'vitest';
import type { AdminOptions } from '../../lib/options/structural-options.js';
import { startApplication, type ApplicationParts } from './application.js';
import { allInPostgres, mariadbAndRedis, sqljsAndRedis, type TestStore } from './stores.js';

/** The platforms the admin routes must be the same on. */
export const PLATFORMS = ['express', 'fastify'] as const;

/** Both platforms, and the admin routes on each database. */
export const ADMIN_VARIANTS = [
  { ...allInPostgres, platform: 'express' as const },
  { ...allInPostgres, platform: 'fastify' as const },
  { ...mariadbAndRedis, platform: 'express' as const },
  { ...sqljsAndRedis, platform: 'express' as const },
].map((variant) => ({ ...variant, name: `${variant.platform} and ${variant.name}` }));

/** Lets in who sends the right header. */
@Injectable()
export class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    if (headers['x-admin'] !== 'yes') throw new UnauthorizedException();
    return true;
  }
}

/** An application whose admin routes are asked over HTTP. */
export interface AdminUnderTest {
  readonly application: INestApplication;
  /** Of the application. */
  readonly url: string;
  /** Asks the API below `admin/webhooks/api/`. JSON in, JSON out. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what comes back
  api<Answer>(method: string, path: string, body?: unknown): Promise<{ status: number; body: Answer }>;
  /** Asks for anything below `admin/webhooks/`. */
  get(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/** Starts an application with the admin routes behind a guard, on PostgreSQL unless a store is given. */
export async function startAdmin(
  platform: (typeof PLATFORMS)[number],
  parts: Partial<ApplicationParts> & {
    readonly admin?: AdminOptions;
    readonly prefix?: string;
    readonly store?: TestStore;
  } = {},
): Promise<AdminUnderTest> {
  const store = parts.store ?? allInPostgres;
  const [database, queue] = await Promise.all([store.database.create(), store.queue.create()]);
  const application = await startApplication({
    database: database.options,
    queue,
    ...(platform === 'fastify' ? { adapter: new FastifyAdapter() } : {}),
    ...parts,
    webhooks: { admin: parts.admin ?? { guards: [HeaderGuard] }, ...parts.webhooks },
  });
  await application.listen(0, '127.0.0.1');
  const url = await application.getUrl();
  const base = `${url}/${parts.prefix ?? ''}${parts.admin?.path ?? 'admin/webhooks'}`;
  return {
    application,
    url,
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
    async api<Answer>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${base}/api/${path}`, {
        method,
        headers: { 'x-admin': 'yes', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Answer };
    },
    get: (path, init = {}) =>
      fetch(`${base}/${path}`, {
        redirect: 'manual',
        ...init,
        headers: { 'x-admin': 'yes', ...(init.headers as Record<string, string> | undefined) },
      }),
    async close() {
      const closed = application.close();
      // Answers that a test has not read would keep their connections, and Fastify, open for 72 seconds.
      (application.getHttpServer() as Server).closeAllConnections();
      await closed;
      await queue.drop();
      await database.drop();
    },
  };
}

/** Defines a webhook by the API, whose deliveries are tried once unless the values say otherwise. */
export async function defineWebhook(
  { api }: AdminUnderTest,
  url: string,
  values: object = {},
): Promise<{ readonly id: string; readonly name: string }> {
  const { body, status } = await api<{ id: string; name: string }>('POST', 'webhooks', {
    name: `hook ${Math.random()}`,
    models: ['router'],
    events: ['create'],
    url,
    schedule: [0],
    ...values,
  });
  expect([status, body]).toEqual([201, expect.anything()]);
  return body;
}
