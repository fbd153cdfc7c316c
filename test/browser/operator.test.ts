import { DataSource } from 'typeorm';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Router } from '../fixtures/network/router.entity.js';
import { PLATFORMS, defineWebhook, type AdminUnderTest } from '../support/admin.js';
import { hasBrowser } from '../support/browser.js';
import { postgres } from '../support/databases.js';
import { startPages, type Pages } from '../support/pages.js';
import type { Receiver } from '../support/receiver.js';
import { waitFor } from '../support/wait-for.js';

describe.skipIf(!postgres.available || !hasBrowser).each(PLATFORMS)(
  'an operator at the page on %s',
  (platform) => {
    let admin: AdminUnderTest;
    let receiver: Receiver;
    let browser: Browser;
    let close: Pages['close'];
    let context: BrowserContext;
    let page: Page;
    const complaints: string[] = [];
    vi.setConfig({ testTimeout: 90_000 });

    beforeAll(async () => {
      ({ admin, receiver, browser, close } = await startPages(platform, { admin: { public: true } }));
    });
    afterAll(() => close());
    beforeEach(async () => {
      context = await browser.newContext();
      page = await context.newPage();
      page.setDefaultTimeout(20_000);
      page.on('console', (message) => {
        // htmx reports that newer typing replaced a preview on its way; a form that is refused is a 422.
        if (message.type() === 'error' && !/ 422 |^htmx:(afterRequest|sendAbort)/.test(message.text()))
          complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('dialog', (dialog) => void dialog.accept());
    });
    afterEach(async () => {
      await context.close();
      // A violation of the page's own policy is an error of the console.
      // oxlint-disable-next-line vitest/no-standalone-expect -- it is asked of every test
      expect(complaints.splice(0)).toEqual([]);
    });

    const open = (path: string) => page.goto(`${admin.url}/admin/webhooks/${path}`);
    const saveRouter = (values: Partial<Router>) =>
      admin.application
        .get(DataSource)
        .getRepository(Router)
        .save({ name: 'r1', ...values });
    const define = async (values: object = {}): Promise<string> =>
      (await defineWebhook(admin, receiver.url, values)).id;
    const deleteAll = async () => {
      const { body } = await admin.api<{ id: string }[]>('GET', 'webhooks');
      for (const { id } of body) await admin.api('DELETE', `webhooks/${id}`);
    };

    it('creates a webhook: sees a typing error beside its field, previews, saves', async () => {
      await open('webhooks');
      await page.getByRole('button', { name: 'Create the first one' }).click();
      await page.getByLabel('Name', { exact: true }).fill('Chat');
      await page.getByLabel('router', { exact: true }).check();
      await page.getByLabel('URL').fill(receiver.url);
      await page.getByLabel('Body template').fill('{"text": "{{ data.name"}');
      await page.getByRole('button', { name: 'Save' }).click();
      await expect.poll(() => page.locator('#fault-bodyTemplate').textContent()).toContain('line 1');
      expect(await page.getByLabel('Body template').getAttribute('aria-invalid')).toBe('true');
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Chat');

      await page.getByLabel('Body template').fill('{"text": "{{ data.name }} is {{ data.status }}"}');
      await page.locator('#preview-request', { hasText: 'example name is planned' }).waitFor();
      await page.locator('#variables', { hasText: 'data.status' }).waitFor();
      await page.getByLabel('Conditions').fill('{"attr": "status", "value": "active"}');
      await page.locator('#preview', { hasText: 'would not be sent' }).waitFor();
      await page.getByLabel('Conditions').fill('');
      await page.locator('#preview', { hasText: 'would be sent' }).waitFor();
      await page.getByRole('button', { name: 'Save' }).click();
      expect(await page.locator('.secret').first().textContent()).toMatch(/^whsec_/);
      await page.getByRole('button', { name: 'Done' }).click();
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Chat');
      await deleteAll();
    });

    it('sees a delivery arrive without reloading, and not while the tab is hidden', async () => {
      receiver.answer = (_, response) => response.end();
      await define();
      await open('deliveries?model=router');
      const rows = page.locator('#live tbody tr');
      const before = await rows.count();
      await saveRouter({ name: 'arrives' });
      await rows.nth(before).waitFor();
      await page.locator('#live tbody tr', { hasText: 'delivered' }).first().waitFor();
      await page.evaluate('Object.defineProperty(document, "hidden", { value: true, configurable: true })');
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.waitForTimeout(7_000);
      expect(asked).toEqual([]);
      await page.evaluate('delete document.hidden; document.dispatchEvent(new Event("visibilitychange"))');
      await expect.poll(() => asked.length).toBeGreaterThan(0);
      await deleteAll();
    });

    it('finds out why a delivery failed, retries it, and replays its event', async () => {
      receiver.answer = (_, response) => response.writeHead(503).end('maintenance');
      const id = await define();
      await saveRouter({ name: 'fails' });
      await open(`webhooks/${id}`);
      await page.locator('#live tbody tr', { hasText: 'failed' }).getByRole('link').first().click();
      expect(await page.getByLabel('Why it is not delivered').textContent()).toContain('fault of its own');
      const failure = page.url();
      await open('webhooks');
      await page.getByRole('img', { name: '0 delivered, 1 failed' }).waitFor();
      await page.getByRole('link', { name: 'answered 503' }).waitFor();
      await page.goto(failure);
      await page.getByText('maintenance').waitFor();
      receiver.answer = (_, response) => response.end('thanks');
      await page.getByRole('button', { name: 'Retry' }).click();
      await page.getByText('The delivery is sent again now.').waitFor();
      await page.locator('h1', { hasText: 'delivered' }).waitFor();
      await page.getByLabel('Facts').getByRole('link', { name: 'create router' }).click();
      await page.locator('tr.changed', { hasText: 'fails' }).waitFor();
      await page.getByRole('button', { name: 'Replay to this webhook' }).click();
      await page.getByText('The event was replayed.').waitFor();
      await expect
        .poll(() => receiver.requests.filter(({ body }) => body.includes('"fails"')).length)
        .toBe(3);
      await deleteAll();
    });

    it('retries many: sees how many, confirms, sees it done', async () => {
      receiver.answer = (_, response) => response.writeHead(500).end();
      const id = await define();
      await saveRouter({ name: 'm1' });
      await saveRouter({ name: 'm2' });
      await open(`deliveries?webhookId=${id}&status=failed`);
      await page.locator('#live tbody tr').nth(1).waitFor();
      receiver.answer = (_, response) => response.end();
      await page.getByRole('button', { name: 'Retry all that failed' }).click();
      await page.getByRole('button', { name: 'Retry 2' }).click();
      await page.getByText('2 deliveries are sent again.').waitFor();
      await page.getByRole('button', { name: 'Back to the list' }).click();
      expect(page.url()).toContain(`webhookId=${id}`);
      await deleteAll();
    });

    it('pauses and resumes', async () => {
      await open('queue');
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.locator('h1', { hasText: 'paused' }).waitFor();
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.locator('h1', { hasText: 'sending' }).waitFor();
      expect((await admin.api<{ paused: boolean }>('GET', 'queue')).body.paused).toBe(false);
    });

    it('gets along with the keyboard alone', async () => {
      await open('webhooks/new');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      const reach = async (selector: string) => {
        for (let presses = 0; presses < 60; presses += 1) {
          await page.keyboard.press('Tab');
          if ((await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) === true)
            return;
        }
        throw new Error(`The keyboard does not reach ${selector}.`);
      };
      await reach('#name');
      await page.keyboard.type('By keyboard');
      await reach('input[value="router"]');
      await page.keyboard.press('Space');
      await reach('#url');
      await page.keyboard.type(receiver.url);
      await reach('summary');
      await page.keyboard.press('Enter');
      await reach('#secret');
      await reach('button[type="submit"]');
      await page.keyboard.press('Enter');
      await page.getByText('The webhook was created').waitFor();
      await reach('a[role="button"]');
      await page.keyboard.press('Enter');
      await page.locator('h1', { hasText: 'By keyboard' }).waitFor();
      await deleteAll();
    });

    it('sees what others wrote as text, also after a refresh', async () => {
      const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
      receiver.answer = (_, response) => response.writeHead(500, { 'x-m': '<b>' }).end(markup);
      const id = await define({ name: markup, bodyTemplate: `${markup} {{ data.name }}` });
      await saveRouter({ name: markup });
      const delivery = await waitFor('the delivery', async () => {
        const { body } = await admin.api<{ items: { id: string }[] }>(
          'GET',
          `deliveries?webhookId=${id}&status=failed`,
        );
        return body.items[0]?.id;
      });
      for (const path of [
        'webhooks',
        `webhooks/${id}`,
        `webhooks/${id}/edit`,
        'deliveries',
        `deliveries/${delivery}`,
        'events',
      ]) {
        await open(path);
        if (path !== 'events') await page.getByText('<img src=x').first().waitFor({ state: 'attached' });
        await page.evaluate(
          'htmx.trigger(document.querySelector("[data-live]") ?? document.body, "refresh")',
        );
        await page.waitForLoadState('networkidle');
        expect([path, await page.locator('img, script:not([src])').count()]).toEqual([path, 0]);
        expect(await page.title()).not.toMatch(/^[12]$/);
      }
      await deleteAll();
    });
  },
);
