import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLATFORMS, startAdmin, type AdminUnderTest } from '../../support/admin.js';
import { postgres } from '../../support/databases.js';

describe.skipIf(!postgres.available).each(PLATFORMS)('pages of errors on %s', (platform) => {
  let admin: AdminUnderTest;

  beforeAll(async () => {
    admin = await startAdmin(platform);
  });
  afterAll(() => admin.close());

  it.each([
    'nope',
    'nope/deeper',
    'webhooks/zzz',
    'webhooks/zzz/edit',
    'webhooks/zzz/nope',
    'events/queue',
    'webhooks/deliveries/x/y',
    'deliveries/webhooks',
    'deliveries?status=x',
  ])('are styled and lead back from %s', async (path) => {
    const response = await admin.get(path);
    expect(response.status).toBeGreaterThanOrEqual(400);
    const links = [...(await response.text()).matchAll(/(?:src|href)="([^"#]+)"/g)].flatMap(
      ([, link = '']) => (link.startsWith('data:') ? [] : [new URL(link, response.url).pathname]),
    );
    expect(new Set(links.map((link) => link.replace(/[^/]+$/, '')))).toEqual(
      new Set(['/admin/webhooks/assets/', '/admin/webhooks/']),
    );
  });
});
