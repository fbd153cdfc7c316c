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

describe.skipIf(!postgres.available || !hasBrowser)('the live part of a page', () => {
  let admin: AdminUnderTest;
  let receiver: Receiver;
  let browser: Browser;
  let close: Pages['close'];
  let context: BrowserContext;
  let page: Page;
  /** A guard of the application that sends everybody to log in. */
  let loggedOut = false;
  vi.setConfig({ testTimeout: 60_000 });

  beforeAll(async () => {
    ({ admin, receiver, browser, close } = await startPages('express', {
      admin: { public: true },
      configure: (application) =>
        application.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
          if (request.url === '/login') response.setHeader('content-type', 'text/html').end('<h1>Login</h1>');
          else if (loggedOut) response.writeHead(302, { location: '/login' }).end();
          else next();
        }),
    }));
  });
  afterAll(() => close());
  beforeEach(async () => {
    receiver.answer = (_, response) => response.end();
    context = await browser.newContext();
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
    // The seconds between refreshes pass when a test says so.
    await page.clock.install();
  });
  afterEach(async () => {
    loggedOut = false;
    await context.close();
    const { body } = await admin.api<{ id: string }[]>('GET', 'webhooks');
    for (const { id } of body) await admin.api('DELETE', `webhooks/${id}`);
  });

  const open = (path: string) => page.goto(`${admin.url}/admin/webhooks/${path}`);
  const define = async (values: object = {}): Promise<string> =>
    (await defineWebhook(admin, receiver.url, values)).id;
  const deliver = async (values: object, status: string): Promise<string> => {
    const id = await define(values);
    await admin.application.get(DataSource).getRepository(Router).save({ name: 'r1' });
    const found = await waitFor(`a ${status} delivery`, async () => {
      const path = `deliveries?webhookId=${id}&status=${status}`;
      const { body } = await admin.api<{ items: { id: string; attempts: number }[] }>('GET', path);
      return body.items.find(({ attempts }) => attempts > 0);
    });
    return found.id;
  };
  const failLong = () => {
    receiver.answer = (_, response) =>
      response.writeHead(500, { 'content-type': 'text/plain' }).end('line\n'.repeat(300));
  };
  const watch = (): string[] => {
    const seen: string[] = [];
    page.on('request', (request) => {
      if (request.headers()['hx-request'] === 'true') seen.push(request.url());
    });
    return seen;
  };
  /** A refresh is asked for in the same task as the tick that makes it. */
  const tick = async () => {
    await page.clock.runFor(3_100);
    await page.waitForLoadState('networkidle');
  };
  const body = () => page.locator('#live pre').last();
  const last = '[...document.querySelectorAll("#live pre")].at(-1)';

  it('is not asked for again when a delivery is finished', async () => {
    failLong();
    await open(`deliveries/${await deliver({}, 'failed')}`);
    const asked = watch();
    await tick();
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await tick();
    expect(asked).toEqual([]);
    expect(await page.getByText('The endpoint has a fault of its own').textContent()).not.toContain('again');
  });

  it('is left alone while somebody reads or uses it, and goes on afterwards', async () => {
    failLong();
    await open(`deliveries/${await deliver({ schedule: [0, 3_600_000] }, 'pending')}`);
    expect(await page.getByText('The endpoint has a fault of its own').textContent()).toContain('again');
    const asked = watch();
    await tick();
    expect(asked).toHaveLength(1);

    await body().focus();
    await tick();
    expect(asked).toHaveLength(1);
    await page.evaluate(`document.activeElement.blur(); ${last}.scrollTop = 100;`);
    expect(await page.evaluate(`${last}.scrollTop`)).toBe(100);
    await tick();
    expect(asked).toHaveLength(1);
    await page.locator('#live dl a').first().focus();
    await page.evaluate(`${last}.scrollTop = 0`);
    await tick();
    expect(asked).toHaveLength(1);

    await page.evaluate('document.activeElement.blur()');
    await tick();
    expect(asked).toHaveLength(2);
  });

  it('stays where it is, and says so, when the answer is a page to log in', async () => {
    await deliver({}, 'succeeded');
    await open('deliveries');
    loggedOut = true;
    await tick();
    await page.getByRole('alert').getByText('could not be refreshed').waitFor();
    expect(await page.locator('#live tbody tr').count()).toBeGreaterThan(0);
    loggedOut = false;
    await tick();
    await page.getByRole('alert').waitFor({ state: 'hidden' });
    loggedOut = true;
    await tick();
    await page.getByRole('link', { name: 'Load it again' }).click();
    await page.getByRole('heading', { name: 'Login' }).waitFor();
  });

  it('shows all columns beside a name that has no place to break', async () => {
    receiver.answer = (_, response) => response.writeHead(500).end();
    await deliver({ name: 'W'.repeat(100), description: 'D'.repeat(200) }, 'failed');
    await page.setViewportSize({ width: 1_280, height: 800 });
    for (const path of ['webhooks', 'deliveries', 'events']) {
      await open(path);
      await page.waitForLoadState('networkidle');
      const over =
        'Math.max(...[...document.querySelectorAll(".scroll")].map((e) => e.scrollWidth - e.clientWidth))';
      expect([path, await page.evaluate(over)]).toEqual([path, 0]);
    }
  });
});
