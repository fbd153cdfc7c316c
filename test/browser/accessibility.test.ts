import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Router } from '../fixtures/network/router.entity.js';
import { startAdmin, type AdminUnderTest } from '../support/admin.js';
import { hasBrowser, startBrowser } from '../support/browser.js';
import { postgres } from '../support/databases.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { waitFor } from '../support/wait-for.js';

/** Milliseconds: axe-core looks at every page from end to end, on machines that have other things to do. */
const PATIENCE = 180_000;

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

describe.skipIf(!postgres.available || !hasBrowser)('every page', () => {
  let admin: AdminUnderTest;
  let receiver: Receiver;
  let browser: Browser;
  let axe: string;
  const paths: string[] = [];

  beforeAll(async () => {
    [admin, receiver, browser, axe] = await Promise.all([
      startAdmin('express', { admin: { public: true } }),
      startReceiver(),
      startBrowser(),
      readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'),
    ]);
    paths.push('webhooks', 'deliveries', 'events');
    receiver.answer = (request, response) =>
      response
        .writeHead(request.path === '/bad' ? 500 : 200, { 'x-long': 'w'.repeat(300) })
        .end('{"a":[1,2,3]}');
    const define = async (name: string, path: string, values: object = {}) => {
      const { body } = await admin.api<{ id: string }>('POST', 'webhooks', {
        name,
        models: ['router'],
        events: ['create', 'update'],
        url: `${receiver.url}${path}`,
        schedule: [0],
        ...values,
      });
      return body.id;
    };
    const good = await define('A webhook that works', 'good', {
      description: 'With a description',
      additionalHeaders: 'X-A: b',
    });
    const bad = await define('AVeryLongNameWithoutAnySpacesThatHasToBreakSomewhereOnAPhone', 'bad');
    await define('Conditional', 'good', {
      conditions: {
        and: [
          { attr: 'status', value: 'active' },
          { attr: 'nothing', value: 1 },
        ],
      },
    });
    await define('Disabled', 'good', { enabled: false });
    await admin.application
      .get(DataSource)
      .getRepository(Router)
      .save({ name: 'a router with a rather long name '.repeat(2).slice(0, 60) });
    const failed = await waitFor('a failed delivery', async () => {
      const { body } = await admin.api<{ items: { id: string; eventId: string }[] }>(
        'GET',
        `deliveries?webhookId=${bad}&status=failed`,
      );
      return body.items[0];
    });
    paths.push(
      'webhooks',
      'webhooks/new',
      `webhooks/${good}`,
      `webhooks/${bad}`,
      `webhooks/${good}/edit`,
      'deliveries',
      'deliveries?status=cancelled',
      'deliveries/bulk?action=retry&status=failed',
      `deliveries/${failed.id}`,
      'events',
      'events/replay',
      `events/replay?webhookId=${good}`,
      `events/${failed.eventId}`,
      'queue',
      'webhooks/nope',
    );
  });
  afterAll(async () => {
    await browser.close();
    await admin.close();
    await receiver.close();
  });

  it.each(['light', 'dark'] as const)(
    'has no serious violation of accessibility in %s',
    async (colorScheme) => {
      const context = await browser.newContext({ colorScheme, bypassCSP: true });
      const page = await context.newPage();
      for (const path of paths) {
        await page.goto(`${admin.url}/admin/webhooks/${path}`);
        await page.waitForLoadState('networkidle');
        await page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true");
        await page.evaluate(axe);
        const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run(document)');
        const serious = violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(
            ({ id, nodes }) =>
              `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`,
          );
        expect([path, serious]).toEqual([path, []]);
      }
      await context.close();
    },
    PATIENCE,
  );

  it(
    'fits on a phone 375 pixels wide',
    async () => {
      const context = await browser.newContext({ viewport: { width: 375, height: 700 }, hasTouch: true });
      const page = await context.newPage();
      for (const path of paths) {
        await page.goto(`${admin.url}/admin/webhooks/${path}`);
        await page.waitForLoadState('networkidle');
        expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 375]);
      }
      await context.close();
    },
    PATIENCE,
  );

  it(
    'asks nobody but its own origin',
    async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      const foreign: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(admin.url) && !request.url().startsWith('data:'))
          foreign.push(request.url());
      });
      for (const path of paths) {
        await page.goto(`${admin.url}/admin/webhooks/${path}`);
        await page.waitForLoadState('networkidle');
      }
      expect(foreign).toEqual([]);
      await context.close();
    },
    PATIENCE,
  );
});
