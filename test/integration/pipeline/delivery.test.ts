import type { INestApplication } from '@nestjs/common';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebhookAttempt } from '../../../lib/model/webhook-attempt.entity.js';
import { WebhookDelivery } from '../../../lib/model/webhook-delivery.entity.js';
import { WebhooksService } from '../../../lib/webhooks/webhooks.service.js';
import { startApplication } from '../../support/application.js';
import { describeOn } from '../../support/databases.js';
import { commitEvents } from '../../support/outbox.js';
import {
  allInPostgres,
  mariadbAndRedis,
  postgresAndRedis,
  sqljsAndRedis,
  betterSqlite3AndRedis,
} from '../../support/stores.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { waitFor } from '../../support/wait-for.js';

const stores = [postgresAndRedis, allInPostgres, mariadbAndRedis, sqljsAndRedis, betterSqlite3AndRedis];

describeOn(stores, 'a delivery on $name', ({ database, queue }) => {
  let application: INestApplication;
  let dataSource: DataSource;
  let webhooks: WebhooksService;
  let receiver: Receiver;
  const drops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    const [db, store] = await Promise.all([database.create(), queue.create()]);
    drops.push(store.drop, db.drop);
    application = await startApplication({ database: db.options, queue: store });
    dataSource = application.get(DataSource);
    webhooks = application.get(WebhooksService);
    receiver = await startReceiver();
  });

  afterEach(async () => {
    await application.close();
    await receiver.close();
    for (const drop of drops.splice(0)) await drop();
  });

  it('is signed so that a Standard Webhooks library verifies it, and recorded', async () => {
    const { secret } = await webhooks.create({
      name: 'all routers',
      models: ['router'],
      events: ['create'],
      url: `${receiver.url}hook`,
    });
    await commitEvents(dataSource, 1, { data: '{"z":1,"a":"\\u0000"}', requestId: 'request-1' });

    const [request] = await receiver.waitForRequests(1);
    expect(request).toMatchObject({ method: 'POST', path: '/hook' });
    expect(request?.headers['content-type']).toBe('application/json');
    expect(request?.headers['user-agent']).toBe('nestjs-webhooks');
    expect(
      new StandardWebhook(secret ?? '').verify(request?.body ?? '', request?.headers as never),
    ).toMatchObject({
      event: 'create',
      model: 'router',
      username: 'ada',
      request_id: 'request-1',
    });
    expect(request?.body).toContain('"data":{"z":1,"a":"\\u0000"},"snapshots":');

    const delivery = await waitFor('the delivery to be recorded', async () => {
      const found = await dataSource.getRepository(WebhookDelivery).findOneBy({ status: 'succeeded' });
      return found ?? undefined;
    });
    expect(request?.headers['webhook-id']).toBe(delivery.id);
    expect(delivery).toMatchObject({ attempts: 1, statusCode: 200, body: request?.body, lockToken: null });
    const attempt = await dataSource
      .getRepository(WebhookAttempt)
      .findOneByOrFail({ deliveryId: delivery.id });
    expect(attempt).toMatchObject({ number: 1, statusCode: 200, errorClass: null, trigger: 'event' });
    expect(JSON.stringify(attempt)).not.toContain(secret);
  });

  it('is tried again with the same body and id after a failure', async () => {
    await webhooks.create({
      name: 'retried',
      models: ['router'],
      events: ['create'],
      url: receiver.url,
      schedule: [0, 10],
    });
    receiver.answer = (_, response) => {
      response.statusCode = receiver.requests.length === 1 ? 503 : 204;
      response.end();
    };
    await commitEvents(dataSource, 1);
    const [first, second] = await receiver.waitForRequests(2);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    await waitFor('the delivery to succeed', async () =>
      dataSource.getRepository(WebhookDelivery).existsBy({ status: 'succeeded', attempts: 2 }),
    );
    expect(await dataSource.getRepository(WebhookAttempt).countBy({})).toBe(2);
  });

  it('fails for good when the schedule is used up, and says why', async () => {
    await webhooks.create({
      name: 'bad',
      models: ['router'],
      events: ['create'],
      url: receiver.url,
      schedule: [0],
    });
    receiver.answer = (_, response) => {
      response.statusCode = 302;
      response.end();
    };
    await commitEvents(dataSource, 1);
    const delivery = await waitFor('the delivery to fail', async () => {
      const found = await dataSource.getRepository(WebhookDelivery).findOneBy({ status: 'failed' });
      return found ?? undefined;
    });
    expect(delivery).toMatchObject({ statusCode: 302, nextAttemptAt: null });
    expect(delivery.error).toContain('Redirects are not followed');
  });

  it('goes only to webhooks that listen and whose conditions hold', async () => {
    const define = (name: string, path: string, more: object) =>
      webhooks.create({
        name,
        models: ['router'],
        events: ['create'],
        url: receiver.url + path,
        ...more,
      });
    await define('other event', 'no-1', { events: ['delete'] });
    await define('condition says no', 'no-2', { conditions: { attr: 'id', value: 2 } });
    await define('condition says yes', 'yes', { conditions: { attr: 'id', value: 1 } });
    await define('undecidable', 'no-3', { conditions: { attr: 'missing', value: 2 } });
    await define('disabled', 'no-4', { enabled: false });
    await commitEvents(dataSource, 1);
    const [request] = await receiver.waitForRequests(1);
    expect(request?.path).toBe('/yes');
    const statuses = await waitFor('the delivery to end', async () => {
      const all = await dataSource.getRepository(WebhookDelivery).find();
      return all.every(({ status }) => status !== 'pending') && all.map(({ status }) => status).toSorted();
    });
    expect(statuses).toEqual(['held', 'skipped', 'succeeded']);
  });
});
