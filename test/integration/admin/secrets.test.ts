import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Webhook } from '../../../lib/model/webhook.entity.js';
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

    it('hides the values that a webhook had before, also of what was recorded with them', async () => {
      receiver.answer = (request, response) => response.writeHead(500).end(request.body);
      const { body } = await admin.api<{ id: string }>('POST', 'webhooks', {
        name: 'rotated',
        models: ['router'],
        events: ['create'],
        url: receiver.url,
        schedule: [0],
        secret: 'first-signing-secret-42',
        variables: { TOKEN: 'first-variable-value-42' },
        bodyTemplate: 'TOKEN={{ secrets.TOKEN }}; first-signing-secret-42',
      });
      await admin.application.get(DataSource).getRepository(Router).save({ name: 'before' });
      const delivery = await waitFor('the delivery to fail', async () => {
        const list = await admin.api<{ items: { id: string }[] }>(
          'GET',
          `deliveries?webhookId=${body.id}&status=failed`,
        );
        return list.body.items[0];
      });
      const changes: [string, string, object | undefined][] = [
        ['PATCH', '', { variables: { TOKEN: 'second-variable-value-42' } }],
        ['POST', '/rotate-secret', { overlap: 0 }],
        ['PATCH', '', { variables: null }],
        ['PATCH', '', { secret: null }],
      ];
      for (const [method, path, change] of changes) {
        const changed = await admin.api(method, `webhooks/${body.id}${path}`, change);
        expect(changed.status).toBe(200);
        expect(JSON.stringify(changed.body)).not.toMatch(/oldSecrets|value-42/);
        for (const place of [`deliveries/${delivery.id}`, `api/deliveries/${delivery.id}`]) {
          const text = await (await admin.get(place)).text();
          expect([place, path, /first-(variable|signing)/.exec(text)]).toEqual([place, path, null]);
          expect(text).toContain('TOKEN=[redacted]; [redacted]');
        }
      }
      // A retry still sends what it sent before.
      await admin.api('POST', `deliveries/${delivery.id}/retry`);
      await waitFor(
        'the retry',
        () => receiver.requests.filter(({ body: sent }) => sent.includes('first-variable')).length > 1,
      );
      await admin.api('DELETE', `webhooks/${body.id}`);
    });

    it('hides values also in what a template says is wrong', async () => {
      const { body } = await admin.api<{ id: string }>('POST', 'webhooks', {
        name: 'mistaken',
        models: ['router'],
        events: ['create'],
        url: '{{ secrets.ADDRESS }}',
        additionalHeaders: 'X-A: {{ data.name }}',
        schedule: [0],
        variables: { ADDRESS: 'ht!tp://user:the-address-42@[nowhere' },
      });
      await admin.application.get(DataSource).getRepository(Router).save({ name: 'lost' });
      await waitFor('the delivery to fail', async () => {
        const list = await admin.api<{ items: { id: string }[] }>(
          'GET',
          `deliveries?webhookId=${body.id}&status=failed`,
        );
        return list.body.items[0];
      });
      await admin.api('PATCH', `webhooks/${body.id}`, {
        url: receiver.url,
        additionalHeaders: 'X-A: a{{ secrets.BROKEN }}',
        variables: { BROKEN: 'line\nthe-header-42: x' },
      });
      await admin.application.get(DataSource).getRepository(Router).save({ name: 'lost too' });
      await waitFor('both to fail', async () => {
        const list = await admin.api<{ items: { id: string }[] }>(
          'GET',
          `deliveries?webhookId=${body.id}&status=failed`,
        );
        return list.body.items.length === 2;
      });
      for (const path of [
        'deliveries',
        'api/deliveries',
        `webhooks/${body.id}/health`,
        `webhooks/${body.id}`,
      ]) {
        const text = await (await admin.get(path)).text();
        expect([path, /the-(address|header)-42/.exec(text)]).toEqual([path, null]);
      }
      expect(logged.join('\n')).not.toMatch(/the-(address|header)-42/);
      await admin.api('DELETE', `webhooks/${body.id}`);
    });

    it('marks the webhook whose variables are damaged, until they are set anew, and shows everything else', async () => {
      const define = (name: string) =>
        admin.api<{ id: string }>('POST', 'webhooks', {
          name,
          models: ['router'],
          events: ['delete'],
          url: receiver.url,
          variables: { TOKEN: 'the-damaged-value-42' },
        });
      const { body } = await define('damaged');
      const sound = await define('sound');
      const webhooks = admin.application.get(DataSource).getRepository(Webhook);
      const { variables } = await webhooks.findOneByOrFail({ id: body.id });
      await webhooks.update(body.id, {
        variables: variables?.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')) ?? null,
      });

      const { body: listed } = await admin.api<object[]>('GET', 'webhooks');
      expect(listed).toMatchObject([
        { name: 'damaged', variables: [], variablesReadable: false },
        { name: 'sound', variables: ['TOKEN'], variablesReadable: true },
      ]);
      for (const path of ['webhooks', `webhooks/${body.id}/edit`, 'deliveries', 'queue', 'api/deliveries']) {
        expect([path, (await admin.get(path)).status]).toEqual([path, 200]);
      }
      expect(await (await admin.get(`webhooks/${body.id}`)).text()).toContain('cannot be read');
      expect((await admin.api('POST', 'webhooks/preview', { id: body.id })).status).toBe(200);

      expect(
        (await admin.api('PATCH', `webhooks/${body.id}`, { variables: { OTHER: 'value' } })).body,
      ).toMatchObject({ variables: ['OTHER'], variablesReadable: true });
      for (const { id } of [body, sound.body]) await admin.api('DELETE', `webhooks/${id}`);
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
