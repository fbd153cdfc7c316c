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
