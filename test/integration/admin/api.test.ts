import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Router } from '../../fixtures/network/router.entity.js';
import { ADMIN_VARIANTS, startAdmin, type AdminUnderTest } from '../../support/admin.js';
import { describeOn } from '../../support/databases.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { waitFor } from '../../support/wait-for.js';

interface Item {
  id: string;
  status: string;
  eventId: string;
  objectId: string;
  webhookName: string;
}
interface Page {
  items: Item[];
  next: string | null;
}
type Json = Record<string, unknown>;

describeOn(ADMIN_VARIANTS, 'the admin API on $name', (variant) => {
  let admin: AdminUnderTest;
  let receiver: Receiver;

  beforeAll(async () => {
    [admin, receiver] = await Promise.all([
      startAdmin(variant.platform, { store: variant }),
      startReceiver(),
    ]);
  });
  afterAll(async () => {
    await admin.close();
    await receiver.close();
  });

  const define = async (values: object = {}) => {
    const name = `hook ${Math.random()}`;
    const answer = await admin.api<Json & { id: string; secret: string }>('POST', 'webhooks', {
      name,
      models: ['router'],
      events: ['create', 'update'],
      url: receiver.url,
      ...values,
    });
    expect(answer).toMatchObject({ status: 201 });
    return answer.body;
  };
  const change = (values: Partial<Router>) =>
    admin.application
      .get(DataSource)
      .getRepository(Router)
      .save({ name: 'r1', ...values });
  const deliveries = async (query: string, count: number): Promise<Item[]> =>
    waitFor(`${count} deliveries of ${query}`, async () => {
      const { body } = await admin.api<Page>('GET', `deliveries?${query}`);
      return body.items.length >= count && body.items;
    });
  const remove = (id: string) => admin.api('DELETE', `webhooks/${id}`);

  it('creates, shows, changes and deletes a webhook, and shows its secret once', async () => {
    const created = await define({ description: 'first', variables: { TOKEN: 'top-secret-value' } });
    expect(created.secret).toMatch(/^whsec_/);
    const shown = await admin.api<Json>('GET', `webhooks/${created.id}`);
    expect(shown.body).toMatchObject({ description: 'first', hasSecret: true, variables: ['TOKEN'] });
    expect(JSON.stringify(shown.body)).not.toContain(created.secret);
    const changed = await admin.api<Json>('PATCH', `webhooks/${created.id}`, { description: 'second' });
    expect(changed.body).toMatchObject({ description: 'second', url: receiver.url, variables: ['TOKEN'] });
    expect(changed.body).not.toHaveProperty('secret');
    expect((await remove(created.id)).body).toEqual({ cancelled: 0 });
    expect(await admin.api('GET', `webhooks/${created.id}`)).toMatchObject({
      status: 404,
      body: { statusCode: 404, code: 'WEBHOOKS_NOT_FOUND' },
    });
  });

  it('enables, disables, rotates the secret and ends the overlap', async () => {
    const { id, secret } = await define();
    expect((await admin.api('POST', `webhooks/${id}/disable`)).body).toMatchObject({ enabled: false });
    expect((await admin.api('POST', `webhooks/${id}/enable`)).body).toMatchObject({ enabled: true });
    const rotated = await admin.api<Json>('POST', `webhooks/${id}/rotate-secret`, { overlap: 60_000 });
    expect(rotated.body['secret']).toMatch(/^whsec_/);
    expect(rotated.body['secret']).not.toBe(secret);
    expect((await admin.api('GET', `webhooks/${id}`)).body).toMatchObject({
      previousSecretUntil: expect.any(String),
    });
    expect((await admin.api('POST', `webhooks/${id}/end-overlap`)).body).toMatchObject({
      previousSecretUntil: null,
    });
    await remove(id);
  });

  it('refuses a second webhook of the same name beside the field', async () => {
    const { id, ...webhook } = await define();
    const again = await admin.api('POST', 'webhooks', {
      name: webhook['name'],
      models: ['router'],
      events: ['create'],
      url: receiver.url,
    });
    expect(again).toMatchObject({
      status: 422,
      body: { fields: { name: [expect.stringContaining('taken')] } },
    });
    await remove(id);
  });

  it('lists deliveries by every filter, and shows one with request, response and timings', async () => {
    receiver.answer = (_, response) => response.writeHead(418, { 'x-tea': 'pot' }).end('short and stout');
    const hook = await define({ schedule: [0] });
    const router = await change({ name: 'filtered' });
    const [item] = await deliveries(`webhookId=${hook.id}&status=failed`, 1);
    const event = (await admin.api<Json>('GET', `events/${item?.eventId}`)).body;
    const day = 86_400_000;
    const [yesterday, tomorrow] = [
      new Date(Date.now() - day).toISOString(),
      new Date(Date.now() + day).toISOString(),
    ];
    const filters: [string, number][] = [
      [`webhookId=${hook.id}`, 1],
      [`webhookId=${hook.id}&status=failed,pending`, 1],
      [`webhookId=${hook.id}&status=succeeded`, 0],
      [`webhookId=${hook.id}&model=router&event=create`, 1],
      [`webhookId=${hook.id}&event=delete`, 0],
      [`model=router&objectId=${router.id}`, 1],
      [`objectId=${router.id}&webhookId=${hook.id}`, 1],
      [`webhookId=${hook.id}&since=${yesterday}&until=${tomorrow}`, 1],
      [`webhookId=${hook.id}&until=${yesterday}`, 0],
      [`webhookId=${hook.id}&since=${tomorrow}`, 0],
      [`webhookId=${hook.id}&requestId=none`, 0],
      [`webhookId=${hook.id}&username=nobody`, 0],
    ];
    for (const [query, count] of filters) {
      const { body } = await admin.api<Page>('GET', `deliveries?${query}`);
      expect([query, body.items.length]).toEqual([query, count]);
    }
    expect(item).toMatchObject({ webhookName: hook['name'], status: 'failed', statusCode: 418 });
    const shown = await admin.api<Json>('GET', `deliveries/${item?.id}`);
    expect(shown.body).toMatchObject({
      id: item?.id,
      body: expect.stringContaining('"filtered"'),
      history: [
        {
          number: 1,
          requestHeaders: { 'webhook-id': item?.id },
          statusCode: 418,
          responseHeaders: { 'x-tea': 'pot' },
          responseBody: 'short and stout',
          error: expect.stringContaining('418'),
          timings: expect.any(Object),
        },
      ],
    });
    expect(event).toMatchObject({
      event: 'create',
      diff: expect.arrayContaining([{ field: 'name', after: 'filtered', changed: true }]),
      webhooks: [{ webhook: { id: hook.id }, verdict: 'delivery', deliveries: [{ id: item?.id }] }],
    });
    await remove(hook.id);
  });

  it('pages by cursor without gaps or repetitions', async () => {
    receiver.answer = (_, response) => response.end();
    const hook = await define();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await change({ name });
    await deliveries(`webhookId=${hook.id}&status=succeeded`, 5);
    for (const list of [`deliveries?webhookId=${hook.id}&model=router`, `deliveries?webhookId=${hook.id}`]) {
      const seen: string[] = [];
      let cursor = '';
      do {
        const { body } = await admin.api<Page>('GET', `${list}&limit=2${cursor}`);
        seen.push(...body.items.map(({ id }) => id));
        cursor = body.next === null ? '' : `&cursor=${body.next}`;
      } while (cursor !== '');
      expect(seen).toHaveLength(5);
      expect(seen).toEqual([...new Set(seen)].toSorted().toReversed());
    }
    const events = await admin.api<Page>('GET', 'events?model=router&limit=2');
    expect(events.body).toMatchObject({
      items: [{ objectId: expect.any(String) }, {}],
      next: expect.any(String),
    });
    await remove(hook.id);
  });

  it('retries one and many after counting, and replays', async () => {
    receiver.answer = (_, response) => response.writeHead(500).end();
    const hook = await define({ schedule: [0] });
    await change({ name: 'once' });
    await change({ name: 'twice' });
    const failed = await deliveries(`webhookId=${hook.id}&status=failed`, 2);
    receiver.answer = (_, response) => response.end();
    expect((await admin.api<Json>('POST', `deliveries/${failed[0]?.id}/retry`)).status).toBe(200);
    await deliveries(`webhookId=${hook.id}&status=succeeded`, 1);
    const filter = { webhookId: hook.id, status: ['failed'] };
    expect((await admin.api('POST', 'deliveries/retry', { filter, dryRun: true })).body).toEqual({
      count: 1,
    });
    expect((await admin.api('POST', 'deliveries/retry', { filter })).body).toEqual({ count: 1 });
    await deliveries(`webhookId=${hook.id}&status=succeeded`, 2);
    const replay = { webhookId: hook.id, filter: { webhookId: hook.id } };
    expect((await admin.api('POST', 'events/replay', { ...replay, dryRun: true })).body).toEqual({
      count: 2,
    });
    expect(
      (await admin.api('POST', `events/${failed[0]?.eventId}/replay`, { webhookId: hook.id })).body,
    ).toEqual({ count: 1 });
    await deliveries(`webhookId=${hook.id}&status=succeeded`, 3);
    expect((await admin.api<Json>('POST', `deliveries/${failed[0]?.id}/resend`)).body).toEqual({
      id: expect.any(String),
    });
    await deliveries(`webhookId=${hook.id}&status=succeeded`, 4);
    await remove(hook.id);
  });

  it('retries and cancels, unless a status is named, nothing that has succeeded', async () => {
    const hook = await define({ schedule: [0] });
    receiver.answer = (_, response) => response.end();
    await change({ name: 'arrives' });
    await deliveries(`webhookId=${hook.id}&status=succeeded`, 1);
    receiver.answer = (_, response) => response.writeHead(500).end();
    await change({ name: 'fails' });
    await deliveries(`webhookId=${hook.id}&status=failed`, 1);
    const counted = async (action: string, filter: object) =>
      (await admin.api('POST', `deliveries/${action}`, { filter, dryRun: true })).body;
    expect(await counted('cancel', { webhookId: hook.id })).toEqual({ count: 0 });
    expect(await counted('cancel', { webhookId: hook.id, status: 'failed,held' })).toEqual({ count: 0 });
    expect(await counted('retry', { webhookId: hook.id })).toEqual({ count: 1 });
    expect(await counted('retry', { webhookId: hook.id, status: 'succeeded' })).toEqual({ count: 1 });
    expect(await counted('retry', { webhookId: hook.id, status: [] })).toEqual({ count: 0 });
    await remove(hook.id);
  });

  it('holds and cancels, and does not retry what cannot be sent', async () => {
    const hook = await define({ enabled: false });
    await change({ name: 'held' });
    const [held] = await deliveries(`webhookId=${hook.id}&status=held`, 1);
    expect(await admin.api('POST', `deliveries/${held?.id}/retry`)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('disabled') },
    });
    expect(
      (await admin.api('POST', 'deliveries/cancel', { filter: { webhookId: hook.id }, dryRun: true })).body,
    ).toEqual({ count: 1 });
    expect((await admin.api('POST', `deliveries/${held?.id}/cancel`)).body).toMatchObject({
      status: 'cancelled',
    });
    await remove(hook.id);
  });

  it('sends a test that is marked as one, and a ping', async () => {
    receiver.answer = (_, response) => response.writeHead(201).end('thanks');
    const hook = await define();
    const test = await admin.api<Json>('POST', `webhooks/${hook.id}/test`, {});
    expect(test.body).toMatchObject({ trigger: 'test', statusCode: 201, responseBody: 'thanks' });
    const ping = await admin.api<Json>('POST', `webhooks/${hook.id}/ping`);
    expect(ping.body).toMatchObject({ trigger: 'ping', statusCode: 201 });
    await remove(hook.id);
  });

  it('pauses and resumes sending in every process', async () => {
    receiver.answer = (_, response) => response.end();
    expect((await admin.api('POST', 'queue/pause')).body).toMatchObject({ paused: true });
    const hook = await define();
    await change({ name: 'waits' });
    await deliveries(`webhookId=${hook.id}&status=pending`, 1);
    expect((await admin.api('GET', 'queue')).body).toMatchObject({
      paused: true,
      waiting: 1,
      oldestDeliveryAt: expect.any(String),
    });
    expect((await admin.api('POST', 'queue/resume')).body).toMatchObject({ paused: false });
    await deliveries(`webhookId=${hook.id}&status=succeeded`, 1);
    expect((await admin.api<Json>('GET', `webhooks/${hook.id}/health`)).body).toMatchObject({
      succeeded: 1,
      failed: 0,
      rate: 1,
    });
    await remove(hook.id);
  });

  it('tells the models with their fields and variables, and nothing hidden', async () => {
    const { body } = await admin.api<Json[]>('GET', 'models');
    expect(body).toEqual([
      expect.objectContaining({
        model: 'router',
        events: ['create', 'update', 'delete'],
        relations: ['site'],
      }),
    ]);
    const router = await admin.api<{ variables: { name: string }[] }>('GET', 'models/router');
    const names = router.body.variables.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['event', 'data.name', 'snapshots.postchange.status']));
    expect(JSON.stringify([body, router.body])).not.toContain('password');
  });
});
