import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { HeaderGuard, startAdmin, type AdminUnderTest } from '../../support/admin.js';
import { postgres } from '../../support/databases.js';

const WEBHOOK = { name: 'hook', models: ['router'], events: ['create'], url: 'https://receiver.example/' };

describe.skipIf(!postgres.available)('an application without secrets.keys', () => {
  let admin: AdminUnderTest;
  const warned: unknown[] = [];

  beforeAll(async () => {
    vi.spyOn(Logger.prototype, 'warn').mockImplementation((message) => void warned.push(message));
    admin = await startAdmin('express', { withoutKeys: true });
  });
  afterAll(async () => {
    await admin.close();
    vi.restoreAllMocks();
  });

  it('says once, when it starts, what its operators cannot do', () => {
    expect(warned.filter((message) => String(message).includes('secrets.keys'))).toHaveLength(1);
  });

  it('answers what needs a key with what is missing, and not as a fault of its own', async () => {
    const needed = [
      { ...WEBHOOK },
      { ...WEBHOOK, secret: 'a secret of sixteen' },
      { ...WEBHOOK, secret: null, variables: { TOKEN: 'value' } },
    ];
    for (const webhook of needed) {
      expect(await admin.api('POST', 'webhooks', webhook)).toMatchObject({
        status: 409,
        body: { statusCode: 409, code: 'WEBHOOKS_KEY_MISSING', message: expect.stringContaining('openssl') },
      });
    }
  });

  it('answers a form that needs a key with what was typed, and what is missing at its head', async () => {
    const { name, url } = WEBHOOK;
    const send = (path: string, fields: object) =>
      admin.get(path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          name,
          url,
          models: 'router',
          events: 'create',
          method: 'POST',
          contentType: 'a/b',
          ...fields,
        }).toString(),
      });
    const unsigned = { name: 'unsigned', unsigned: 'on' };
    const { id } = (
      await admin.api<{ id: string }>('POST', 'webhooks', { ...WEBHOOK, name: 'unsigned', secret: null })
    ).body;
    for (const [path, fields] of [
      ['webhooks/new', {}],
      ['webhooks/new', { secret: 'a secret of sixteen' }],
      [`webhooks/${id}/edit`, { ...unsigned, variables: 'TOKEN=value', description: 'typed' }],
    ] as const) {
      const answer = await send(path, { description: 'typed', ...fields });
      const text = await answer.text();
      expect([path, answer.status]).toEqual([path, 409]);
      expect(text).toMatch(/role="alert">[^<]*secrets\.keys/);
      expect(text).toMatch(/id="webhook-form"[^]*value="typed"/);
      expect(text).not.toContain('a secret of sixteen');
    }
  });

  it('saves a webhook that has nothing to encrypt', async () => {
    expect(await admin.api('POST', 'webhooks', { ...WEBHOOK, secret: null })).toMatchObject({ status: 201 });
  });
});

describe.skipIf(!postgres.available)('an application that has keys, or where nothing can be changed', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['has keys', {}],
    ['only reads', { withoutKeys: true, admin: { guards: [HeaderGuard], readOnly: true } }],
  ])('%s, and is told nothing', async (_, parts) => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    const admin = await startAdmin('express', parts);
    await admin.close();
    expect(warn.mock.calls.filter(([message]) => String(message).includes('secrets.keys'))).toEqual([]);
  });
});
