import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Catch,
  Injectable,
  Module,
  ValidationPipe,
  VersioningType,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import helmet from 'helmet';
import { map, type Observable } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { PLATFORMS, startAdmin, type AdminUnderTest } from '../../support/admin.js';
import { postgres } from '../../support/databases.js';

class Wrapping implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    return next.handle().pipe(map((data) => ({ success: true, data })));
  }
}

@Catch()
class TeapotFilter implements ExceptionFilter {
  constructor(private readonly application: INestApplication) {}
  catch(_: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.application.get(HttpAdapterHost);
    httpAdapter.reply(host.switchToHttp().getResponse(), { teapot: true }, 418);
  }
}

@Injectable()
class HostGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: object }>();
    request.user = { name: 'ada' };
    return request.headers['x-admin'] === 'yes';
  }
}

@Module({ providers: [{ provide: APP_GUARD, useClass: HostGuard }] })
class HostGuardModule {}

interface Variation {
  readonly configure?: (application: INestApplication) => void;
  readonly prefix?: string;
  readonly path?: string;
  readonly guarded?: boolean;
}

const VARIATIONS: readonly (readonly [string, Variation])[] = [
  ['nothing special', {}],
  ['a global prefix', { configure: (app) => app.setGlobalPrefix('api'), prefix: 'api/' }],
  ['a global prefix with slashes', { configure: (app) => app.setGlobalPrefix('/a/b/'), prefix: 'a/b/' }],
  [
    'URI versioning with a default',
    { configure: (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }) },
  ],
  [
    'header versioning',
    { configure: (app) => app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }) },
  ],
  ['an interceptor that wraps', { configure: (app) => app.useGlobalInterceptors(new Wrapping()) }],
  ['a filter for everything', { configure: (app) => app.useGlobalFilters(new TeapotFilter(app)) }],
  [
    'a strict validation pipe',
    {
      configure: (app) =>
        app.useGlobalPipes(
          new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }),
        ),
    },
  ],
  ['a guard for everything', { guarded: true }],
  ['helmet', { configure: (app) => app.use(helmet()) }],
  ['a path of one part', { path: 'hooks' }],
  [
    'all of it',
    {
      configure: (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
        app.useGlobalInterceptors(new Wrapping());
        app.useGlobalFilters(new TeapotFilter(app));
        app.useGlobalPipes(
          new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }),
        );
        app.use(helmet());
      },
      prefix: 'api/',
      path: 'deep/down/hooks',
      guarded: true,
    },
  ],
];

describe.skipIf(!postgres.available).each(PLATFORMS)(
  'the admin routes in an application on %s',
  (platform) => {
    let admin: AdminUnderTest | undefined;
    let proxy: Server | undefined;
    afterEach(async () => {
      proxy?.close();
      proxy?.closeAllConnections();
      await admin?.close();
      admin = undefined;
    });

    const start = ({ configure, prefix, path, guarded }: Variation) =>
      startAdmin(platform, {
        admin: { public: true, ...(path === undefined ? {} : { path }) },
        ...(configure === undefined ? {} : { configure }),
        ...(prefix === undefined ? {} : { prefix }),
        ...(guarded === true ? { imports: [HostGuardModule] } : {}),
      });

    it.each(VARIATIONS)('work under %s', async (_, variation) => {
      admin = await start(variation);
      const created = await admin.api<{ id: string }>('POST', 'webhooks', {
        name: 'host',
        models: ['router'],
        events: ['create'],
        url: 'http://127.0.0.1:9/',
        variables: { A: 'b' },
        conditions: { and: [{ attr: 'status', value: 'x' }] },
      });
      expect(created).toMatchObject({ status: 201, body: { name: 'host', variables: ['A'] } });
      expect(await admin.api('GET', `webhooks/${created.body.id}`)).toMatchObject({
        body: { conditions: { and: [{}] } },
      });
      expect(await admin.api('GET', 'deliveries?limit=3&status=failed')).toMatchObject({
        status: 200,
        body: { items: [] },
      });
      expect(await admin.api('POST', 'webhooks', { bad: 1 })).toMatchObject({
        status: 422,
        body: { statusCode: 422, code: 'WEBHOOKS_WEBHOOK_INVALID' },
      });
      expect(await admin.api('GET', 'nothing')).toMatchObject({
        status: 404,
        body: { code: 'WEBHOOKS_NOT_FOUND' },
      });

      const page = await admin.get('webhooks');
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      const text = await page.text();
      for (const [, link] of text.matchAll(/(?:src|href)="([^"#]*)"/g)) {
        if (link === undefined || link.startsWith('data:')) continue;
        const target = await fetch(new URL(link, page.url), { headers: { 'x-admin': 'yes' } });
        await target.arrayBuffer();
        expect([link, target.status]).toEqual([link, 200]);
      }
      const form = await admin.get('webhooks/new', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'name=form&models=router&events=create&events=update&url=http%3A%2F%2F127.0.0.1%3A9%2F&method=POST&contentType=a%2Fb',
      });
      expect([form.status, (await form.text()).includes('never again')]).toEqual([200, true]);
      expect((await admin.get('webhooks/nope')).status).toBe(404);
      const first = await admin.get('', {});
      expect(new URL(first.headers.get('location') ?? '', first.url).pathname).toMatch(/\/webhooks$/);
    });

    it('work behind a proxy that serves them elsewhere', async () => {
      admin = await start({});
      const { port } = new URL(admin.url);
      proxy = createServer((incoming, outgoing) => {
        const path = (incoming.url ?? '').replace(/^\/ops\/hooks/, '/admin/webhooks');
        const upstream = forward(
          { port, host: '127.0.0.1', path, method: incoming.method, headers: incoming.headers },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(outgoing);
          },
        );
        incoming.pipe(upstream);
      });
      await new Promise<void>((resolve) => proxy?.listen(0, '127.0.0.1', resolve));
      const base = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/ops/hooks/`;
      for (const path of ['', 'webhooks', 'webhooks/new', 'webhooks/', 'deliveries?status=failed', 'queue']) {
        const page = await fetch(base + path);
        if (path === 'webhooks/' && platform === 'fastify') continue;
        expect([path, page.status]).toEqual([path, 200]);
        for (const [, link] of (await page.text()).matchAll(/(?:src|href)="([^"#]*)"/g)) {
          if (link === undefined || link.startsWith('data:')) continue;
          const target = new URL(link.replaceAll('&amp;', '&'), page.url);
          expect(target.pathname).toMatch(/^\/ops\/hooks\//);
          expect([link, (await fetch(target)).status]).toEqual([link, 200]);
        }
      }
    });

    it('are in the OpenAPI document, and the pages are not', async () => {
      admin = await start({});
      const document = SwaggerModule.createDocument(admin.application, new DocumentBuilder().build());
      const paths = Object.keys(document.paths);
      expect(paths).toEqual(
        expect.arrayContaining([
          '/admin/webhooks/api/webhooks',
          '/admin/webhooks/api/webhooks/{id}/rotate-secret',
          '/admin/webhooks/api/deliveries/{id}/retry',
          '/admin/webhooks/api/queue/pause',
        ]),
      );
      expect(paths.filter((path) => !path.startsWith('/admin/webhooks/api'))).toEqual([]);
      const create = document.paths['/admin/webhooks/api/webhooks']?.post;
      expect(create?.summary).toBe('Create a webhook');
      expect(create?.requestBody).toMatchObject({
        content: {
          'application/json': {
            schema: {
              required: expect.arrayContaining(['name', 'models', 'events', 'url']),
              properties: { bodyTemplate: { type: 'string' }, models: { type: 'array' } },
            },
          },
        },
      });
      expect(document.paths['/admin/webhooks/api/webhooks/{id}']?.patch?.requestBody).not.toHaveProperty([
        'content',
        'application/json',
        'schema',
        'required',
      ]);
      expect(JSON.stringify(document.paths['/admin/webhooks/api/deliveries']?.get?.parameters)).toContain(
        '"requestId"',
      );
    });
  },
);
