import {
  ForbiddenException,
  Injectable,
  Module,
  RequestMethod,
  type CanActivate,
  type Type,
} from '@nestjs/common';
import { PATH_METADATA, METHOD_METADATA } from '@nestjs/common/constants.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminControllers } from '../../../lib/admin/admin-controllers.js';
import { WebhooksModule } from '../../../lib/webhooks.module.js';
import { HeaderGuard, PLATFORMS, startAdmin, type AdminUnderTest } from '../../support/admin.js';
import { postgres } from '../../support/databases.js';

@Injectable()
class Rules {
  readonly open = false;
}

@Module({ providers: [Rules], exports: [Rules] })
class RulesModule {}

/** Injects what comes from `imports`. */
@Injectable()
class NeverGuard implements CanActivate {
  constructor(private readonly rules: Rules) {}
  canActivate(): boolean {
    if (!this.rules.open) throw new ForbiddenException();
    return true;
  }
}

/** Every route that is mounted: the table is read off the controllers, so that a new route is in it. */
function routesOf(readOnly = false): { method: string; path: string; isAsset: boolean }[] {
  const admin = { path: 'admin/webhooks', guards: [HeaderGuard], readOnly };
  return adminControllers(admin).flatMap((controller) => {
    const base = Reflect.getMetadata(PATH_METADATA, controller) as string;
    const prototype = Object.getPrototypeOf(controller.prototype as object) as Record<string, Type>;
    return Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const handler = prototype[name];
      const path = Reflect.getMetadata(PATH_METADATA, handler ?? {}) as string | undefined;
      if (path === undefined || handler === undefined) return [];
      const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? '';
      const full = `${base}/${path}`.replaceAll(/:\w+/g, 'x').replace('*', 'y').replace(/\/+$/, '');
      return [{ method, path: full, isAsset: base.endsWith('/assets') }];
    });
  });
}

describe('who may use the admin routes', () => {
  it('must be said: without guards and without public the module is refused', () => {
    expect(() => WebhooksModule.forRoot({ admin: {} })).toThrow(/admin\.guards is empty/);
    expect(() => WebhooksModule.forRoot({ admin: { guards: [] } })).toThrow(/public: true/);
    expect(() => WebhooksModule.forRoot({ admin: { public: true } })).not.toThrow();
  });

  it('counts: there are the routes that this test thinks there are', () => {
    expect(routesOf().length).toBeGreaterThan(45);
    expect(adminControllers(false)).toEqual([]);
  });

  it('changes nothing with readOnly: only GET is left, without forms', () => {
    const routes = routesOf(true);
    // What answers everything says that there is nothing.
    const others = routes.filter(({ method }) => method !== 'GET');
    expect(others.filter(({ method, path }) => method !== 'ALL' || !/api(\/\w+)?(\/y)?$/.test(path))).toEqual(
      [],
    );
    expect(routes.map(({ path }) => path)).not.toContain('admin/webhooks/webhooks/new');
  });
});

describe.skipIf(!postgres.available).each(PLATFORMS)('the admin routes on %s', (platform) => {
  let admin: AdminUnderTest;
  let closed: AdminUnderTest;
  let reader: AdminUnderTest;
  let none: AdminUnderTest;

  beforeAll(async () => {
    [admin, closed, reader, none] = await Promise.all([
      startAdmin(platform),
      startAdmin(platform, { webhooks: { imports: [RulesModule] }, admin: { guards: [NeverGuard] } }),
      startAdmin(platform, { admin: { public: true, readOnly: true } }),
      startAdmin(platform, { webhooks: { admin: false } }),
    ]);
  });
  afterAll(async () => {
    for (const one of [admin, closed, reader, none]) await one.close();
  });

  it('are behind the guard, all of them but the assets', async () => {
    for (const { method: named, path, isAsset } of routesOf()) {
      const method = named === 'ALL' ? 'PUT' : named;
      const anonymous = await fetch(`${admin.url}/${path}`, { method, redirect: 'manual' });
      const refused = await fetch(`${closed.url}/${path}`, { method, redirect: 'manual' });
      expect([method, path, anonymous.status, refused.status]).toEqual(
        isAsset ? [method, path, 404, 404] : [method, path, 401, 403],
      );
    }
  });

  it('are not there with admin: false', async () => {
    for (const path of ['', '/webhooks', '/api/webhooks', '/assets/admin.css']) {
      expect((await fetch(`${none.url}/admin/webhooks${path}`)).status).toBe(404);
    }
  });

  it('show, and change nothing, with readOnly', async () => {
    const page = await reader.get('webhooks');
    expect(page.status).toBe(200);
    const text = await page.text();
    expect(text).toContain('read only');
    expect(text).not.toContain('New webhook');
    expect((await reader.api('GET', 'webhooks')).status).toBe(200);
    for (const { method: named, path } of routesOf().filter((route) => route.method !== 'GET')) {
      const method = named === 'ALL' ? 'PUT' : named;
      expect([method, path, (await fetch(`${reader.url}/${path}`, { method })).status]).toEqual([
        method,
        path,
        404,
      ]);
    }
  });

  const own = { origin: 'OWN' };
  it.each<[string, Record<string, string>, boolean]>([
    ['a program', {}, true],
    ['a page of ours', { 'sec-fetch-site': 'same-origin', ...own }, true],
    ['the user', { 'sec-fetch-site': 'none' }, true],
    ['a page of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, false],
    ['a page of a sibling host', { 'sec-fetch-site': 'same-site', ...own }, false],
    ['an older browser on our page', own, true],
    ['an older browser on another page', { origin: 'https://evil.example' }, false],
    ['a sandboxed frame', { origin: 'null' }, false],
    ['our page behind a proxy', { origin: 'https://ops.example', 'x-forwarded-host': 'ops.example' }, true],
  ])('take changes from %s as they should', async (_, headers, allowed) => {
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === 'OWN' ? admin.url : value]),
    );
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const page = await admin.get('queue/resume', {
      method: 'POST',
      headers: { ...form, ...sent },
      body: 'a=b',
    });
    const api = await admin.get('api/queue/resume', { method: 'POST', headers: sent });
    expect([page.status, api.status]).toEqual(allowed ? [303, 200] : [403, 403]);
    expect((await api.text()).includes('"code":"WEBHOOKS_CROSS_SITE"')).toBe(!allowed);
    const read = await admin.get('webhooks', { headers: sent });
    expect(read.status).toBe(200);
  });

  it('refuse a body that no webhook needs', async () => {
    const response = await admin.get('api/webhooks', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x'.repeat(2_000_000) }),
    });
    expect(response.status).toBe(413);
  });
});
