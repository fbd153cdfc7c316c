import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startAdmin, type AdminUnderTest } from '../support/admin.js';
import { hasBrowser, startBrowser } from '../support/browser.js';
import { postgres } from '../support/databases.js';
import { startReceiver, type Receiver } from '../support/receiver.js';

/** A saved webhook, as far as these tests look at it. */
type Saved = Record<string, unknown> & { readonly id: string; readonly hasSecret: boolean };

describe.skipIf(!postgres.available || !hasBrowser)('the page, when something slips', () => {
  let admin: AdminUnderTest;
  let receiver: Receiver;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What stands before the application: a slow line, a session that ended, a proxy without its server. */
  let before: ((request: IncomingMessage, response: ServerResponse, next: () => void) => void) | undefined;
  vi.setConfig({ testTimeout: 60_000 });

  beforeAll(async () => {
    [admin, receiver, browser] = await Promise.all([
      startAdmin('express', {
        admin: { public: true },
        configure: (application) =>
          application.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
            if (before === undefined) next();
            else before(request, response, next);
          }),
      }),
      startReceiver(),
      startBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await admin.close();
    await receiver.close();
  });
  beforeEach(async () => {
    receiver.answer = (_, response) => response.end();
    context = await browser.newContext();
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('dialog', (dialog) => void dialog.accept());
  });
  afterEach(async () => {
    before = undefined;
    await context.close();
    for (const { id } of await saved()) await admin.api('DELETE', `webhooks/${id}`);
  });

  const open = (path: string) => page.goto(`${admin.url}/admin/webhooks/${path}`);
  const saved = async () => (await admin.api<Saved[]>('GET', 'webhooks')).body;
  const define = async (values: object = {}): Promise<string> => {
    const { status, body } = await admin.api<Saved>('POST', 'webhooks', {
      name: `hook ${Math.random()}`,
      models: ['router'],
      events: ['create'],
      url: receiver.url,
      schedule: [0],
      ...values,
    });
    expect([status, status === 201 ? '' : body]).toEqual([201, '']);
    return body.id;
  };
  const saveButton = () => page.getByRole('button', { name: 'Save' });
  it('saves a form that nobody touched without changing anything', async () => {
    const id = await define({
      description: ' spaced ',
      schedule: [0, 5_415_000, 90_061_000],
      timeout: 61_500,
      rateLimit: 5,
      ratePeriod: 3_661_000,
      bodyTemplate: '\n\n{{ data.name }}\r\nx\n',
      additionalHeaders: '\nX-A: 1',
    });
    const { body: was } = await admin.api<Saved>('GET', `webhooks/${id}`);
    await open(`webhooks/${id}/edit`);
    await saveButton().click();
    await page.getByText('The webhook was saved.').waitFor();
    const { body: is } = await admin.api<Saved>('GET', `webhooks/${id}`);
    const volatile = { revision: 0, updatedAt: '' };
    expect({ ...is, ...volatile }).toEqual({ ...was, ...volatile });
  });

  it('keeps what was not touched of a template of which the rest was', async () => {
    const id = await define({ bodyTemplate: '\n\n{{ data.name }}', schedule: [0, 5_415_000] });
    await open(`webhooks/${id}/edit`);
    const template = page.getByLabel('Body template');
    await template.fill(`${await template.inputValue()}\nmore`);
    await page.getByText('Delivery', { exact: true }).click();
    const schedule = page.getByLabel('Wait before each attempt');
    await schedule.fill(`${await schedule.inputValue()}, 1d`);
    await saveButton().click();
    await page.getByText('The webhook was saved.').waitFor();
    expect((await saved())[0]).toMatchObject({
      bodyTemplate: '\n\n{{ data.name }}\nmore',
      schedule: [0, 5_415_000, 86_400_000],
    });
  });
});
