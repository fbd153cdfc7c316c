import { Controller, Get, Logger, Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PLATFORMS, startAdmin, type AdminUnderTest } from '../../support/admin.js';
import { postgres } from '../../support/databases.js';

/** As applications serve the page of a frontend. */
@Controller()
class EverythingController {
  @Get('*')
  page(): string {
    return 'the frontend';
  }
}

@Module({ controllers: [EverythingController] })
class FrontendModule {}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

describe.skipIf(!postgres.available).each(PLATFORMS)('the start of an application on %s', (platform) => {
  it('warns of none of the admin routes, nor after an application on another platform', async () => {
    const other = await startAdmin(platform === 'express' ? 'fastify' : 'express', {
      admin: { public: true },
    });
    const warn = vi.spyOn(Logger.prototype, 'warn');
    const admin = await startAdmin(platform, { admin: { public: true } });
    const warnings = warn.mock.calls.flat().filter((text) => /admin\/webhooks/.test(String(text)));
    warn.mockRestore();
    const found = await Promise.all(
      [admin, other].flatMap((started) =>
        ['nothing', 'no/such/page', 'api/nothing', 'api/no/such'].map((path) => started.get(path)),
      ),
    );
    await Promise.all([admin.close(), other.close()]);
    expect(warnings).toEqual([]);
    expect(found.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 404));
  });
});

describe.skipIf(!postgres.available).each(PLATFORMS)('addresses of the admin routes on %s', (platform) => {
  let admin: AdminUnderTest;

  beforeAll(async () => {
    admin = await startAdmin(platform, { admin: { public: true }, imports: [FrontendModule] });
  });
  afterAll(() => admin.close());

  it('are found beside a route of the application for everything, in a module behind ours', async () => {
    expect((await admin.get('webhooks')).headers.get('content-security-policy')).toContain("'none'");
    expect(await (await fetch(`${admin.url}/orders/7`)).text()).toBe('the frontend');
  });

  it.each(METHODS)('of the API that are none are answered in its format: %s', async (method) => {
    for (const path of ['nothing', 'webhooks/a/b/c', 'queue/stop', '']) {
      const response = await admin.get(`api/${path}`, { method, redirect: 'follow' });
      expect([path, response.status, await response.json()]).toEqual([
        path,
        404,
        { statusCode: 404, code: 'WEBHOOKS_NOT_FOUND', message: expect.stringContaining(method) },
      ]);
    }
  });

  it('with a slash at the end lead to the same', async () => {
    for (const path of [
      '',
      'webhooks/',
      'deliveries/?status=failed',
      'webhooks/new/',
      'queue//',
      'api/models/',
    ]) {
      // Fastify takes it for an empty id; applications that want more set its `ignoreTrailingSlash`.
      if (platform === 'fastify' && /^(webhooks|deliveries|api\/models)\/(\?|$)/.test(path)) continue;
      const response = await admin.get(path, { redirect: 'follow' });
      expect([path, response.status]).toEqual([path, 200]);
    }
    const moved = await admin.get('queue/?done=paused');
    expect([moved.status, moved.headers.get('location')]).toEqual(
      platform === 'fastify' ? [308, '../queue?done=paused'] : [200, null],
    );
    const created = await fetch(`${admin.url}/admin/webhooks/api/webhooks/preview/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ webhook: { models: ['router'], events: ['create'], url: 'http://127.0.0.1/' } }),
    });
    expect([created.status, await created.json()]).toMatchObject([200, { listens: true }]);
  });

  it('answer HEAD as GET, without a body, and let nobody change anything by it', async () => {
    for (const path of ['webhooks', 'queue', 'api/webhooks', 'api/queue', 'assets/admin.css']) {
      const head = await admin.get(path, { method: 'HEAD' });
      expect([path, head.status, await head.text()]).toEqual([path, 200, '']);
      expect(head.headers.get('content-type')).toBe((await admin.get(path)).headers.get('content-type'));
    }
    expect((await admin.get('api/queue/pause', { method: 'HEAD' })).status).toBe(404);
  });

  it('of assets may be kept for as long as they say what is in the file', async () => {
    const page = await (await admin.get('webhooks')).text();
    for (const [, link = ''] of page.matchAll(/(assets\/[^"]+)"/g)) {
      const named = await admin.get(link);
      expect([link, named.status]).toEqual([link, 200]);
      expect(named.headers.get('cache-control')).toContain('immutable');
      const bare = link.split('?')[0] ?? '';
      for (const path of [bare, `${bare}?v=0123456789abcdef`]) {
        expect((await admin.get(path)).headers.get('cache-control')).toBe('no-cache');
      }
      const etag = named.headers.get('etag') ?? '';
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await admin.get(bare, { headers: { 'if-none-match': known } });
        expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
      }
      expect((await admin.get(bare, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    }
  });

  it.each(['..%2f..%2fpackage.json', '%2e%2e%2fassets.js', 'assets.js', '__proto__', 'constructor', '%00'])(
    'of files that are none of the page are not found: %s',
    async (name) => {
      expect((await admin.get(`assets/${name}`)).status).toBe(
        platform === 'express' && name === '' ? 400 : 404,
      );
    },
  );
});
