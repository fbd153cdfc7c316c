import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Router } from '../../fixtures/network/router.entity.js';
import { PLATFORMS, startAdmin, type AdminUnderTest } from '../../support/admin.js';
import { postgres } from '../../support/databases.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { waitFor } from '../../support/wait-for.js';

const XSS = `"><script>alert(1)</script><img src=x onerror=alert(2)>'{{1337*1337}}`;

describe.skipIf(!postgres.available).each(PLATFORMS)(
  'what operators and receivers write, on %s',
  (platform) => {
    let admin: AdminUnderTest;
    let receiver: Receiver;
    const logged: string[] = [];

    beforeAll(async () => {
      for (const level of ['log', 'warn', 'error', 'debug', 'verbose'] as const) {
        vi.spyOn(Logger.prototype, level).mockImplementation((...parts: unknown[]) => {
          logged.push(JSON.stringify(parts));
        });
      }
      [admin, receiver] = await Promise.all([startAdmin(platform), startReceiver()]);
    });
    afterEach(() => {
      logged.length = 0;
    });
    afterAll(async () => {
      await admin.close();
      await receiver.close();
      vi.restoreAllMocks();
    });

    /** Makes a webhook and a failed delivery, and reads every page and answer that could show them. */
    async function everything(definition: object, router: Partial<Router>): Promise<[string, string][]> {
      const { body } = await admin.api<{ id: string }>('POST', 'webhooks', {
        models: ['router'],
        events: ['create'],
        url: receiver.url,
        schedule: [0],
        ...definition,
      });
      const { id } = body;
      await admin.application.get(DataSource).getRepository(Router).save(router);
      const delivery = await waitFor('the delivery to fail', async () => {
        const list = await admin.api<{ items: { id: string; eventId: string }[] }>(
          'GET',
          `deliveries?webhookId=${id}&status=failed`,
        );
        return list.body.items[0];
      });
      const pages: [string, string][] = [];
      for (const path of [
        'webhooks',
        `webhooks/${id}`,
        `webhooks/${id}/edit`,
        'webhooks/variables?models=router',
        'deliveries',
        `deliveries/${delivery.id}`,
        'events',
        `events/${delivery.eventId}`,
        'queue',
        'api/webhooks',
        `api/webhooks/${id}`,
        'api/deliveries',
        `api/deliveries/${delivery.id}`,
        'api/events',
        `api/events/${delivery.eventId}`,
        'api/models/router',
      ]) {
        pages.push([path, await (await admin.get(path)).text()]);
      }
      for (const path of ['test', 'ping', 'rotate-secret']) {
        if (path !== 'rotate-secret') {
          pages.push([path, JSON.stringify(await admin.api('POST', `webhooks/${id}/${path}`, {}))]);
        }
      }
      pages.push(['preview', JSON.stringify(await admin.api('POST', 'webhooks/preview', { id }))]);
      const form = await admin.get('webhooks/preview', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          id,
          models: 'router',
          events: 'create',
          url: receiver.url,
          name: 'x',
        }).toString(),
      });
      pages.push(['form preview', await form.text()]);
      await admin.api('DELETE', `webhooks/${id}`);
      return pages;
    }

    it('keeps secrets, variables and hidden fields out of every page, answer and log', async () => {
      // The receiver says everything it got again.
      receiver.answer = (request, response) =>
        response.writeHead(500, { 'x-echo': String(request.headers['authorization']) }).end(request.body);
      const pages = await everything(
        {
          name: 'secretive',
          secret: 'the-signing-secret-42',
          variables: { TOKEN: 'the-variable-value-42', KEY: 'a/b+c=&"quoted"' },
          additionalHeaders: 'Authorization: Bearer {{ secrets.TOKEN }}',
          bodyTemplate:
            '{"token":"{{ secrets.TOKEN }}","key":{{ secrets.KEY | tojson }},"name":"{{ data.name }}"}',
        },
        { name: 'hides', password: 'the-hidden-password-42' },
      );
      expect(receiver.requests.at(0)?.body).toContain('the-variable-value-42');
      for (const [path, text] of [...pages, ['log', logged.join('\n')] as const]) {
        for (const secret of [
          'the-signing-secret-42',
          'the-variable-value-42',
          'the-hidden-password-42',
          'b+c=&',
        ]) {
          expect([path, text.includes(secret)]).toEqual([path, false]);
        }
      }
      expect(pages.find(([path]) => path.startsWith('api/deliveries/'))?.[1]).toContain('[redacted]');
    });

    it('shows markup in names, bodies, answers and headers as text', async () => {
      receiver.answer = (_, response) =>
        response.writeHead(500, { 'x-markup': '"><script>alert(1)</script>' }).end(XSS);
      const pages = await everything(
        {
          name: `n ${XSS}`.slice(0, 100),
          description: XSS,
          bodyTemplate: `{{ data.name }} ${XSS.replace('{{1337*1337}}', '')}`,
          conditions: { attr: 'name', value: XSS },
          additionalHeaders: 'X-Markup: <script>alert(1)</script>',
        },
        { name: XSS.slice(0, 100) },
      );
      for (const [path, text] of pages.filter(
        ([name]) => !name.startsWith('api/') && !['test', 'ping', 'preview'].includes(name),
      )) {
        expect([path, /<script>|<img|1787569/.exec(text)?.[0]]).toEqual([path, undefined]);
      }
      for (const path of ['api/webhooks', 'api/deliveries']) {
        const { headers } = await admin.get(path);
        expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
        expect(headers.get('x-content-type-options')).toBe('nosniff');
      }
    });
  },
);
