import type { INestApplication } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import { WebhooksService } from '../../../lib/webhooks/webhooks.service.js';
import { RoutersController } from '../../fixtures/network/routers.controller.js';
import { Site } from '../../fixtures/network/site.entity.js';
import { startApplication } from '../../support/application.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { postgresQueue, redisQueue } from '../../support/queues.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const variants = [
  { database: postgres, queue: postgresQueue, platform: 'express' },
  { database: postgres, queue: redisQueue, platform: 'fastify' },
  { database: mariadb, queue: redisQueue, platform: 'express' },
  { database: sqljs, queue: redisQueue, platform: 'express' },
  { database: betterSqlite3, queue: redisQueue, platform: 'express' },
].map((variant) => ({
  ...variant,
  name: `${variant.database.name}, queue in ${variant.queue.name}, ${variant.platform}`,
  available: variant.database.available && variant.queue.available,
}));

describeOn(variants, 'a change made in a request ($name)', ({ database, queue, platform }) => {
  let application: INestApplication;
  let receiver: Receiver;
  let url: string;
  const drops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    const [db, store] = await Promise.all([database.create(), queue.create()]);
    drops.push(store.drop, db.drop);
    application = await startApplication({
      database: db.options,
      queue: store,
      controllers: [RoutersController],
      ...(platform === 'fastify' ? { adapter: new FastifyAdapter() } : {}),
    });
    await application.listen(0, '127.0.0.1');
    url = await application.getUrl();
    receiver = await startReceiver();
    await application.get(WebhooksService).create({
      name: 'routers',
      models: ['router'],
      events: ['create', 'update', 'delete'],
      url: receiver.url,
      ordered: true,
    });
  });

  afterEach(async () => {
    await application.close();
    await receiver.close();
    for (const drop of drops.splice(0)) await drop();
  });

  const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    fetch(`${url}/${path}`, {
      method,
      headers: {
        'x-user': 'ada',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('reaches the receiver with who did it, in which request, and what changed', async () => {
    const site = await application.get(DataSource).getRepository(Site).save({ name: 'AMS' });
    const created = await send(
      'POST',
      'routers',
      { name: 'r1', password: 'hunter2-secret', site: { id: site.id } },
      { 'x-request-id': 'req-1' },
    );
    expect(created.status).toBe(201);
    expect(created.headers.get('x-request-id')).toBe('req-1');
    const { id } = (await created.json()) as { id: number };
    const [create] = await receiver.waitForRequests(1);
    expect(
      (await send('PATCH', `routers/${id}`, { status: 'active' }, { 'x-request-id': 'no good\u00ff' }))
        .status,
    ).toBe(200);
    const [, update] = await receiver.waitForRequests(2);
    expect((await send('DELETE', `routers/${id}`)).status).toBe(200);
    const [, , remove] = await receiver.waitForRequests(3);

    expect(Object.keys(JSON.parse(create?.body ?? '') as object)).toEqual([
      'event',
      'timestamp',
      'model',
      'username',
      'request_id',
      'data',
      'snapshots',
    ]);
    const planned = { id, name: 'r1', status: 'planned', site: site.id };
    const active = { ...planned, status: 'active' };
    expect(JSON.parse(create?.body ?? '')).toMatchObject({
      event: 'create',
      model: 'router',
      username: 'ada',
      request_id: 'req-1',
      data: { id, name: 'r1', status: 'planned', site: { id: site.id, name: 'AMS' } },
      snapshots: { prechange: null, postchange: planned },
    });
    expect(JSON.parse(update?.body ?? '')).toMatchObject({
      event: 'update',
      username: 'ada',
      request_id: expect.stringMatching(UUID),
      data: { status: 'active', site: { name: 'AMS' } },
      snapshots: { prechange: planned, postchange: active },
    });
    expect(JSON.parse(remove?.body ?? '')).toMatchObject({
      event: 'delete',
      username: 'ada',
      data: { status: 'active', site: { name: 'AMS' } },
      snapshots: { prechange: active, postchange: null },
    });
    for (const { body } of receiver.requests) expect(body).not.toContain('password');
    expect(
      JSON.stringify(await application.get(DataSource).getRepository(WebhookEvent).find()),
    ).not.toContain('hunter2');
  });

  it('leaves no event when its transaction rolls back', async () => {
    expect((await send('POST', 'routers/rolled-back')).status).toBe(201);
    expect(await application.get(DataSource).getRepository(WebhookEvent).count()).toBe(0);
  });
});
