import { DataSource } from 'typeorm';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebhookDelivery, type DeliveryStatus } from '../../lib/model/webhook-delivery.entity.js';
import { Router } from '../fixtures/network/router.entity.js';
import { PLATFORMS, defineWebhook, type AdminUnderTest } from '../support/admin.js';
import { hasBrowser } from '../support/browser.js';
import { postgres } from '../support/databases.js';
import { startPages, type Pages } from '../support/pages.js';
import type { Receiver } from '../support/receiver.js';
import { waitFor } from '../support/wait-for.js';

const COUNT = 2_500;

describe.skipIf(!postgres.available || !hasBrowser).each(PLATFORMS)(
  'an operator who acts on many at once, on %s',
  (platform) => {
    let admin: AdminUnderTest;
    let receiver: Receiver;
    let browser: Browser;
    let close: Pages['close'];
    let page: Page;
    vi.setConfig({ testTimeout: 90_000 });

    beforeAll(async () => {
      ({ admin, receiver, browser, close } = await startPages(platform, { admin: { public: true } }));
    });
    afterAll(() => close());
    beforeEach(async () => {
      page = await browser.newPage();
      page.setDefaultTimeout(20_000);
    });
    afterEach(async () => {
      await page.close();
    });

    const open = (path: string) => page.goto(`${admin.url}/admin/webhooks/${path}`);
    const define = async (values: object = {}): Promise<string> =>
      (await defineWebhook(admin, receiver.url, values)).id;
    const saveRouters = (names: string[]) =>
      admin.application
        .get(DataSource)
        .getRepository(Router)
        .insert(names.map((name) => ({ name })));
    const count = (webhookId: string, status: DeliveryStatus) =>
      admin.application.get(DataSource).getRepository(WebhookDelivery).countBy({ webhookId, status });

    it('stops a retry of many in the middle: what was done stays done, and nothing more is', async () => {
      const id = await define({ enabled: false });
      await saveRouters(Array.from({ length: COUNT }, (_, index) => `r${index}`));
      await waitFor('all to be held', async () => (await count(id, 'held')) === COUNT, 60_000);
      await admin.api('POST', 'deliveries/cancel', { filter: { webhookId: id } });
      await admin.api('POST', 'queue/pause');
      await admin.api('POST', `webhooks/${id}/enable`);

      await open(`deliveries?webhookId=${id}&status=cancelled`);
      await page.getByRole('button', { name: 'Retry these' }).click();
      await page.getByText('2,500 deliveries can be sent again').waitFor();
      await page.getByRole('button', { name: 'Retry 2,500' }).click();
      await page.getByRole('progressbar').waitFor();
      await page.getByText(/^[4-9]00 of 2,500 done/).waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.locator('h1', { hasText: 'Deliveries' }).waitFor();
      // A step that was under way when the page was left ends; none follows.
      await page.waitForLoadState('networkidle');
      const left = await count(id, 'cancelled');
      expect(left).toBeGreaterThan(0);
      expect(left + (await count(id, 'pending'))).toBe(COUNT);
      await page.waitForTimeout(1_000);
      expect(await count(id, 'cancelled')).toBe(left);

      // What is left can be gone on with.
      await open(`deliveries/bulk?webhookId=${id}&status=cancelled&action=retry`);
      await page.getByRole('button', { name: `Retry ${left.toLocaleString('en-GB')}` }).click();
      await page.getByText('are sent again.').waitFor();
      expect(await count(id, 'cancelled')).toBe(0);
      await admin.api('DELETE', `webhooks/${id}`);
      await admin.api('POST', 'queue/resume');
    });

    it('replays the events of a filter to another webhook: chooses, counts, confirms, sees them arrive', async () => {
      receiver.answer = (_, response) => response.end();
      receiver.requests.length = 0;
      const source = await define();
      await saveRouters(['again 1', 'again 2', 'other']);
      await receiver.waitForRequests(3);
      const target = await define({
        name: 'Late',
        conditions: { attr: 'name', op: 'contains', value: 'again' },
      });
      await open('events?event=create');
      await page.getByRole('button', { name: 'Replay these' }).click();
      await page.getByLabel('To the webhook').selectOption({ label: 'Late' });
      await page.getByRole('button', { name: 'Count' }).click();
      await page.getByText('2 deliveries would be made').waitFor();
      expect(receiver.requests).toHaveLength(3);
      await page.getByRole('button', { name: 'Replay 2' }).click();
      await page.getByText('2 deliveries are made').waitFor();
      await receiver.waitForRequests(5);
      await page.getByRole('button', { name: 'To the deliveries' }).click();
      await page.locator('#live tbody tr', { hasText: 'replay' }).nth(1).waitFor();
      for (const id of [source, target]) await admin.api('DELETE', `webhooks/${id}`);
    });
  },
);
