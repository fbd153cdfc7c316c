import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Router } from '../../fixtures/network/router.entity.js';
import { PLATFORMS, startAdmin, type AdminUnderTest } from '../../support/admin.js';
import { postgres } from '../../support/databases.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { waitFor } from '../../support/wait-for.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe.skipIf(!postgres.available).each(PLATFORMS)('the admin page on %s', (platform) => {
  let admin: AdminUnderTest;
  let receiver: Receiver;

  beforeAll(async () => {
    [admin, receiver] = await Promise.all([startAdmin(platform), startReceiver()]);
  });
  afterAll(async () => {
    await admin.close();
    await receiver.close();
  });

  const page = async (path: string): Promise<string> => {
    const response = await admin.get(path);
    const text = await response.text();
    expect([path, response.status]).toEqual([path, 200]);
    return text;
  };
  const post = (path: string, fields: [string, string][] = []) =>
    admin.get(path, { method: 'POST', headers: FORM, body: new URLSearchParams(fields).toString() });
  const fields = (changes: Record<string, string> = {}): [string, string][] => [
    ...Object.entries({
      name: `hook ${Math.random()}`,
      url: receiver.url,
      method: 'POST',
      contentType: 'application/json',
      enabled: 'on',
      sslVerification: 'on',
      ...changes,
    }),
    ['models', 'router'],
    ['events', 'create'],
    ['events', 'update'],
  ];
  const create = async (changes?: Record<string, string>): Promise<string> => {
    const response = await post('webhooks/new', fields(changes));
    const text = await response.text();
    expect([response.status, response.status === 200 ? '' : text]).toEqual([200, '']);
    expect(text).toContain('shown now and never again');
    return /webhooks\/([0-9a-f-]{36})/.exec(text)?.[1] ?? '';
  };
  const deliveryOf = (id: string, status: string) =>
    waitFor(`a ${status} delivery`, async () => {
      const { body } = await admin.api<{ items: { id: string; eventId: string }[] }>(
        'GET',
        `deliveries?webhookId=${id}&status=${status}`,
      );
      return body.items[0];
    });

  it('leads from its own address to the webhooks, by a relative address', async () => {
    const response = await admin.get('');
    expect([response.status, response.headers.get('location')]).toEqual([303, 'webhooks']);
    expect((await admin.get('nothing')).status).toBe(404);
    const bare = await fetch(`${admin.url}/admin/webhooks`, {
      redirect: 'manual',
      headers: { 'x-admin': 'yes' },
    });
    expect([bare.status, bare.headers.get('location')]).toEqual([303, 'webhooks/webhooks']);
  });

  it('says what to do next where there is nothing yet', async () => {
    expect(await page('webhooks')).toContain('Create the first one');
    expect(await page('deliveries')).toContain('Nothing was delivered yet');
    expect(await page('deliveries?status=failed')).toContain('No delivery matches the filter');
    expect(await page('events')).toContain('Nothing happened yet');
  });

  it('shows faults beside their fields and keeps what was typed', async () => {
    const response = await post(
      'webhooks/new',
      fields({ url: 'htp://x', bodyTemplate: '{{ data.', conditions: '{' }),
    );
    const text = await response.text();
    expect(response.status).toBe(422);
    expect(text).toMatch(/id="url"[^>]*value="htp:\/\/x"[^>]*aria-invalid="true"/);
    expect(text).toContain('id="fault-conditions"');
    expect(text).toContain('{{ data.');
  });

  it.each<[field: string, typed: Record<string, string>, said: string]>([
    ['name', { name: 'x'.repeat(101) }, 'Must have at most 100 characters.'],
    ['url', { url: 'example.org/x' }, 'it does not start with http:// or https:// and a host.'],
    ['url', { url: 'http://10.0.0.1/' }, 'The address 10.0.0.1 is not public'],
    ['url', { url: 'http://10.0.0.1/' }, 'have 10.0.0.1/32 added to delivery.network.allow'],
    ['url', { url: 'https://example.org/{{ data.' }, '(line 1, column '],
    ['contentType', { contentType: '' }, 'Must not be empty.'],
    ['additionalHeaders', { additionalHeaders: 'A: b\nno colon' }, 'this line has no colon. (line 2)'],
    ['additionalHeaders', { additionalHeaders: 'webhook-id: 1' }, 'is set by the sender'],
    ['bodyTemplate', { bodyTemplate: '{{ data.name' }, 'Expected &quot;}}&quot;. (line 1, column 13)'],
    [
      'bodyTemplate',
      { bodyTemplate: 'a\n{% if x %}' },
      'Expected elif, else, or endif, got end of file. (line 2,',
    ],
    [
      'bodyTemplate',
      { bodyTemplate: '{{ data | nope }}' },
      'There is no filter &quot;nope&quot;. docs/05-templates.md',
    ],
    ['conditions', { conditions: '{\n "attr": "a"\n "value": 1 }' }, 'Must be JSON such as'],
    ['conditions', { conditions: '{\n "attr": "a"\n "value": 1 }' }, '(line 3, column 2)'],
    [
      'conditions',
      { conditions: '{"attr":"a","op":"like","value":1}' },
      '&quot;like&quot; is no operator: there are eq',
    ],
    ['conditions', { conditions: '{"attr":"a","op":"regex","value":"("}' }, 'missing closing )'],
    ['secret', { secret: 'short' }, 'Must have at least 16 characters.'],
    ['secret', { secret: 'whsec_!!!!!!!!!!!!!!!!!!' }, 'leave the prefix out'],
    ['variables', { variables: 'A=b\nTOKEN' }, 'line 2 has no &quot;=&quot;'],
    ['variables', { variables: '__proto__=x' }, 'the name &quot;__proto__&quot; must be a letter'],
    ['timeout', { timeout: 'soon' }, 'Must be a duration such as 15s'],
    ['timeout', { timeout: '2d' }, 'Must be from 100 ms to an hour'],
    [
      'rateLimit',
      { rateLimit: 'many' },
      'Must be a whole number from 1 to 1000000; leave it out for no limit.',
    ],
    ['ratePeriod', { ratePeriod: '2d' }, 'Must be from 500 ms to a day'],
    ['schedule', { schedule: 'now, later' }, 'such as 0s, 5s, 5m, 2h.'],
    ['caCertificate', { caCertificate: 'x' }, '-----BEGIN CERTIFICATE-----'],
  ])('says beside %s what is wrong and what to do: %j', async (field, typed, said) => {
    const response = await post('webhooks/new', fields(typed));
    const text = (await response.text()).replaceAll('&#39;', "'");
    const message = new RegExp(`id="fault-${field}">([^<]*)<`).exec(text)?.[1];
    expect([response.status, message]).toEqual([422, expect.stringContaining(said)]);
    expect(text).toContain('not saved: 1 field has something wrong');
  });

  it('says in the preview what is misspelt, although it is allowed', async () => {
    const preview = async (bodyTemplate: string, more: Record<string, string> = {}) =>
      (await post('webhooks/preview', fields({ bodyTemplate, ...more }))).text();
    expect(await preview('{{ dta.name }}')).toMatch(
      /<code>dta<\/code> is not there, so nothing stands in its place \(line 1, column 4\)/,
    );
    expect(await preview('{{ data.name }}{{ data.nme | default("") }}')).not.toContain('is not there');
    expect(await preview('{{ dta.name }}', { strictTemplates: 'on' })).toContain('this template is strict');
  });

  it('creates and edits a webhook, keeps its secrets, and finds a change made meanwhile', async () => {
    const id = await create({ variables: 'TOKEN=a-secret-value\nOTHER=x=y' });
    const edit = await page(`webhooks/${id}/edit`);
    const revision = /name="revision" value="(\d+)"/.exec(edit)?.[1] ?? '';
    expect(edit).not.toContain('a-secret-value');
    const saved = await post(`webhooks/${id}/edit`, [
      ...fields({ description: 'changed' }),
      ['revision', revision],
    ]);
    expect([saved.status, saved.headers.get('location')]).toEqual([303, `../${id}?done=saved`]);
    expect(await page(`webhooks/${id}?done=saved`)).toContain('The webhook was saved.');
    expect((await admin.api('GET', `webhooks/${id}`)).body).toMatchObject({
      description: 'changed',
      hasSecret: true,
      variables: ['TOKEN', 'OTHER'],
    });
    const late = await post(`webhooks/${id}/edit`, [
      ...fields({ description: 'late' }),
      ['revision', revision],
    ]);
    expect(late.status).toBe(409);
    expect(await late.text()).toContain('Somebody else changed this webhook');
    const now = /name="revision" value="(\d+)"/.exec(await page(`webhooks/${id}/edit`))?.[1] ?? '';
    const atOnce = Array.from({ length: 5 }, (_, index) =>
      post(`webhooks/${id}/edit`, [...fields({ description: `of tab ${index}` }), ['revision', now]]),
    );
    const statuses = (await Promise.all(atOnce)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([303, 409, 409, 409, 409]);
    await post(`webhooks/${id}/delete`);
  });

  it('previews what is typed, term by term, and sends nothing', async () => {
    const before = receiver.requests.length;
    const response = await post(
      'webhooks/preview',
      fields({
        bodyTemplate: 'Hello {{ data.name }} {{ secrets.TOKEN }}',
        variables: 'TOKEN=typed-secret',
        conditions: '{"attr":"status","value":"active"}',
        previewAgainst: 'sample',
      }),
    );
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('Hello example name ********');
    expect(text).toContain('would not be sent');
    expect(text).toContain('status eq active');
    expect(text).not.toContain('typed-secret');
    expect(receiver.requests).toHaveLength(before);
    expect(await page('webhooks/variables?models=router')).toContain('data.status');
  });

  it('shows a failure with its reason and both sides, retries, resends and replays it', async () => {
    receiver.answer = (_, response) => response.writeHead(404, { 'x-why': 'gone' }).end('no such thing');
    const id = await create({ schedule: '0s' });
    await admin.application.get(DataSource).getRepository(Router).save({ name: 'shown' });
    const { id: delivery, eventId } = await deliveryOf(id, 'failed');
    const shown = await page(`deliveries/${delivery}`);
    for (const part of [
      'There is nothing at this address',
      'x-why',
      'no such thing',
      'webhook-id',
      'Change committed',
      '&quot;shown&quot;',
    ]) {
      expect(shown).toContain(part);
    }
    expect(await page(`webhooks/${id}`)).toContain('Last 24 hours: 0 delivered, 1 failed');
    expect(await page('webhooks')).toContain(`hx-get="./webhooks/${id}/health"`);
    expect(await page(`webhooks/${id}/health`)).toContain('answered 404');
    expect(await page(`deliveries?webhookId=${id}`)).toContain(`deliveries/${delivery}`);
    const event = await page(`events/${eventId}`);
    expect(event).toContain('out of attempts');
    expect(event).toMatch(/<tr class="changed"><th scope="row">name/);
    expect(await page('events?model=router')).toContain(eventId);

    receiver.answer = (_, response) => response.end();
    const retried = await post(`deliveries/${delivery}/retry`);
    expect(retried.headers.get('location')).toBe(`../${delivery}?done=retried`);
    await deliveryOf(id, 'succeeded');
    const resent = await post(`deliveries/${delivery}/resend`);
    expect(resent.headers.get('location')).toMatch(/^\.\.\/[0-9a-f-]{36}\?done=resent$/);
    const replayed = await post(`events/${eventId}/replay`, [['webhookId', id]]);
    expect(replayed.headers.get('location')).toBe(`../${eventId}?done=replayed`);
    await post(`webhooks/${id}/delete`);
  });

  it('cancels and retries many in steps: counts, asks, goes on until done', async () => {
    receiver.answer = (_, response) => response.end();
    const id = await create({ rateLimit: '' });
    await post(`webhooks/${id}/disable`);
    const routers = Array.from({ length: 205 }, (_, index) => ({ name: `r${index}` }));
    await admin.application.get(DataSource).getRepository(Router).insert(routers);
    const ask = (action: string) =>
      page(
        `deliveries/bulk?webhookId=${id}&action=${action}${action === 'retry' ? '&status=cancelled' : ''}`,
      );
    await waitFor('all to be held', async () => (await ask('cancel')).includes('<strong>205</strong>'));
    const step = async (action: string, done: string, cursor: string) => {
      const response = await post('deliveries/bulk', [
        ['action', action],
        ['webhookId', id],
        ['total', '205'],
        ...(action === 'retry' ? [['status', 'cancelled'] as [string, string]] : []),
        ['done', done],
        ['cursor', cursor],
      ]);
      return response.text();
    };
    for (const [action, result] of [
      ['cancel', '205 deliveries are cancelled'],
      ['retry', '205 deliveries are sent again'],
    ] as const) {
      expect(await ask(action)).toContain('<strong>205</strong>');
      const text = await step(action, '0', '');
      expect(text).toContain('<progress value="200" max="205"');
      const cursor = /name="cursor" value="([^"]+)"/.exec(text)?.[1] ?? '';
      expect(await step(action, '200', cursor)).toContain(result);
      await post(`webhooks/${id}/enable`);
    }
    await post(`webhooks/${id}/delete`);
  });

  it('replays many events to a webhook: asks which, counts, makes them in steps until done', async () => {
    receiver.answer = (_, response) => response.end();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const since = new Date().toISOString();
    const source = await create();
    const routers = Array.from({ length: 203 }, (_, index) => ({ name: `replayed ${index % 2}` }));
    await admin.application.get(DataSource).getRepository(Router).insert(routers);
    await waitFor('all to be dispatched', async () => {
      const { body } = await admin.api<{ events: number }>('GET', 'queue');
      return body.events === 0;
    });
    const id = await create({ conditions: '{"attr":"name","value":"replayed 1"}' });
    const choose = await page(`events/replay?event=create&since=${since}`);
    expect(choose).toContain(`<option value="${id}">`);
    expect(choose).toContain(`value="${since.slice(0, 16)}"`);
    const chosen: [string, string][] = [
      ['webhookId', id],
      ['event', 'create'],
      ['since', since],
      ['until', until],
    ];
    const asked = await page(`events/replay?${new URLSearchParams(chosen).toString()}`);
    expect(asked).toContain('<strong>101</strong>');
    expect(asked).toContain('<dt>To</dt>');
    const step = async (done: string, cursor: string) => {
      const form: [string, string][] = [
        ...chosen,
        ['action', 'replay'],
        ['total', '101'],
        ['done', done],
        ['cursor', cursor],
      ];
      return (await post('events/replay', form)).text();
    };
    const first = await step('0', '');
    expect(first).toContain('<progress value="100" max="101"');
    const cursor = /name="cursor" value="(\d+)"/.exec(first)?.[1] ?? '';
    expect(await step('100', cursor)).toContain('101 deliveries are made');
    const replayed = await admin.api<{ items: { trigger: string }[] }>(
      'GET',
      `deliveries?webhookId=${id}&limit=200`,
    );
    expect(replayed.body.items.map(({ trigger }) => trigger)).toEqual(Array(101).fill('replay'));
    for (const one of [id, source]) await post(`webhooks/${one}/delete`);
  });

  it.each(['x', "1' OR 1=1", '-1', '9'.repeat(40)])(
    'takes no cursor of a replay that it did not make: %s',
    async (cursor) => {
      const id = await create();
      const response = await post('events/replay', [
        ['webhookId', id],
        ['until', '2020-01-01'],
        ['cursor', cursor],
        ['total', 'many'],
        ['done', '1e9'],
      ]);
      expect([response.status, (await response.text()).includes('0 deliveries are made')]).toEqual([
        200,
        true,
      ]);
      await post(`webhooks/${id}/delete`);
    },
  );

  it('pauses and resumes, enables, disables, tests and rotates by its buttons', async () => {
    expect((await post('queue/pause')).headers.get('location')).toBe('../queue?done=paused');
    expect(await page('queue')).toContain('>paused</span>');
    expect((await post('queue/resume')).headers.get('location')).toBe('../queue?done=resumed');
    const id = await create();
    expect((await post(`webhooks/${id}/disable`)).headers.get('location')).toBe(`../${id}?done=disabled`);
    expect(await page(`webhooks/${id}`)).toContain('>disabled</span>');
    await post(`webhooks/${id}/enable`);
    const test = await post(`webhooks/${id}/test`);
    expect(test.headers.get('location')).toMatch(/^\.\.\/\.\.\/deliveries\//);
    expect(await page((test.headers.get('location') ?? '').replace('../../', ''))).toContain('<dd>test</dd>');
    expect(await page('events?limit=1')).toContain('<span class="tag">test</span>');
    const rotated = await post(`webhooks/${id}/rotate-secret`, [['overlap', '1h']]);
    expect(await rotated.text()).toMatch(/whsec_/);
    expect(await page(`webhooks/${id}`)).toContain('The old secret signs as well until');
    expect((await post(`webhooks/${id}/end-overlap`)).status).toBe(303);
    expect((await post(`webhooks/${id}/delete`)).headers.get('location')).toBe('../../webhooks?done=deleted');
  });

  it('forbids everything inline or from elsewhere, and needs none of it', async () => {
    const response = await admin.get('webhooks/new');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const text = await response.text();
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|hx-on|https?:\/\/(?!example)/i);
    const links = [...text.matchAll(/(?:src|href|action|hx-get|hx-post)="([^"]*)"/g)].map(
      ([, link]) => link ?? '',
    );
    expect(links.filter((link) => link.startsWith('/'))).toEqual([]);
    for (const link of links.filter((one) => one.includes('assets/'))) {
      const asset = await fetch(new URL(link, response.url));
      expect([link, asset.status]).toEqual([link, 200]);
      expect(asset.headers.get('cache-control')).toContain('immutable');
      expect(asset.headers.get('content-type')).toMatch(/^text\/(css|javascript)/);
    }
  });

  it('shows errors as a page', async () => {
    const response = await admin.get('deliveries/nope');
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('There is no delivery with the id nope');
  });
});
