import type { IncomingMessage, ServerResponse } from 'node:http';
import { DataSource } from 'typeorm';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Router } from '../fixtures/network/router.entity.js';
import { defineWebhook, type AdminUnderTest } from '../support/admin.js';
import { hasBrowser } from '../support/browser.js';
import { postgres } from '../support/databases.js';
import { startPages, type Pages } from '../support/pages.js';
import type { Receiver } from '../support/receiver.js';
import { waitFor } from '../support/wait-for.js';

/** A saved webhook, as far as these tests look at it. */
type Saved = Record<string, unknown> & { readonly id: string; readonly hasSecret: boolean };

describe.skipIf(!postgres.available || !hasBrowser)('the page, when something slips', () => {
  let admin: AdminUnderTest;
  let receiver: Receiver;
  let browser: Browser;
  let close: Pages['close'];
  let context: BrowserContext;
  let page: Page;
  /** What stands before the application: a slow line, a session that ended, a proxy without its server. */
  let before: ((request: IncomingMessage, response: ServerResponse, next: () => void) => void) | undefined;
  vi.setConfig({ testTimeout: 60_000 });

  beforeAll(async () => {
    ({ admin, receiver, browser, close } = await startPages('express', {
      admin: { public: true },
      configure: (application) =>
        application.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
          if (before === undefined) next();
          else before(request, response, next);
        }),
    }));
  });
  afterAll(() => close());
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
  const save = (values: Partial<Router> = {}) =>
    admin.application
      .get(DataSource)
      .getRepository(Router)
      .save({ name: 'r1', ...values });
  const define = async (values: object = {}): Promise<string> =>
    (await defineWebhook(admin, receiver.url, values)).id;
  const fill = async (name: string) => {
    await open('webhooks/new');
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('router', { exact: true }).check();
    await page.getByLabel('URL').fill(receiver.url);
  };
  const saveButton = () => page.getByRole('button', { name: 'Save' });
  /** Requests that the page sends from now on. */
  const watch = (pattern: RegExp, method = 'GET'): string[] => {
    const seen: string[] = [];
    page.on('request', (request) => {
      if (request.method() === method && pattern.test(request.url())) seen.push(request.url());
    });
    return seen;
  };

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

  it('refuses to post a form twice, until the page is come back to', async () => {
    await fill('Twice');
    // Refused or not is known in the end; nothing is sent, so that the page stays.
    const refused = await page.evaluate(`(() => {
      const button = document.querySelector('#webhook-form button[type="submit"]');
      const refused = [];
      addEventListener('submit', (event) => {
        refused.push(event.defaultPrevented);
        event.preventDefault();
      });
      button.click();
      button.click();
      dispatchEvent(new Event('pageshow'));
      button.click();
      return refused;
    })()`);
    expect(refused).toEqual([false, true, false]);
  });

  it('does not save by Enter in a field of the preview, and previews that object', async () => {
    const { id } = await save({ name: 'looked for' });
    await fill('Enter');
    await page.getByLabel('Body template').fill('{{ data.name }}');
    const submitted = watch(/webhooks\/new$/, 'POST');
    await page.getByLabel('Of', { exact: true }).selectOption('object');
    await page.getByLabel('Its id').fill(String(id));
    await page.getByLabel('Its id').press('Enter');
    await page.locator('#preview-request', { hasText: 'looked for' }).waitFor();
    expect([submitted, await saved()]).toEqual([[], []]);
  });

  it('says which secrets must be typed again after a form was refused', async () => {
    await fill('Refused');
    await page.getByText('Secrets', { exact: true }).click();
    await page.getByLabel('Secret', { exact: false }).first().fill('a secret of my own, long');
    await page.getByLabel('Secret variables').fill('TOKEN=x');
    await page.getByLabel('Body template').fill('{{ data.');
    await saveButton().click();
    await page.locator('#fault-bodyTemplate').waitFor();
    expect(await page.locator('#secret').isVisible()).toBe(true);
    expect(await page.locator('#again-secret').textContent()).toContain('again');
    expect(await page.locator('#again-variables').textContent()).toContain('again');
    expect(await page.content()).not.toContain('a secret of my own');
  });

  describe('when a step of many fails', () => {
    const ask = async () => {
      receiver.answer = (_, response) => response.writeHead(500).end();
      const id = await define();
      await admin.application
        .get(DataSource)
        .getRepository(Router)
        .insert(Array.from({ length: 205 }, (_, index) => ({ name: `m${index}` })));
      await waitFor('all to be dispatched', async () => {
        const { body } = await admin.api<{ events: number }>('GET', 'queue');
        return body.events === 0;
      });
      await open(`events/replay?webhookId=${id}`);
      return { button: page.getByRole('button', { name: /^Replay \d/ }) };
    };
    const failing = (count: number) => {
      let left = count;
      before = (request, response, next) => {
        if (request.method === 'POST' && --left === 0) response.writeHead(503).end('oops');
        else next();
      };
    };

    it('says so in place of a bar, and goes on by a button', async () => {
      const { button } = await ask();
      failing(2);
      await button.click();
      await page.getByRole('alert').getByText('did not go through').waitFor();
      expect(await page.getByRole('progressbar').count()).toBe(0);
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByText(/deliver(y is|ies are) made/).waitFor();
    });

    it('says so of the first step, and of an answer that is another page', async () => {
      const { button } = await ask();
      failing(1);
      await button.click();
      await page.getByRole('alert').getByText('did not go through').waitFor();
      await page.reload();
      before = (request, response, next) => {
        if (request.method === 'POST') response.writeHead(303, { location: '/login' }).end();
        else if (request.url === '/login')
          response.setHeader('content-type', 'text/html').end('<h1>Login</h1>');
        else next();
      };
      await button.click();
      await page.getByRole('alert').getByText('did not go through').waitFor();
      expect(await button.isVisible()).toBe(true);
    });
  });
});
