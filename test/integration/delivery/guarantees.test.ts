import type { ServerResponse } from 'node:http';
import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newId } from '../../../lib/common/new-id.js';
import { DeliveryQueue } from '../../../lib/delivery/delivery.queue.js';
import { DeliveryService } from '../../../lib/delivery/delivery.service.js';
import { WebhookDelivery } from '../../../lib/model/webhook-delivery.entity.js';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { Router } from '../../fixtures/network/router.entity.js';
import { describeOn, mariadb, postgres } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { redisQueue } from '../../support/queues.js';
import { waitFor } from '../../support/wait-for.js';

const HOUR = 3_600_000;

describeOn([postgres, mariadb], 'what is guaranteed on $name', (database) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, redisQueue);
  });
  afterEach(() => world.close());

  const query = (sql: string) => world.dataSource.query(sql);

  it('a delivery whose worker died is sent when its lock runs out, and not before', async () => {
    await world.define({ schedule: [HOUR] });
    await commitEvents(world.dataSource, 2);
    const [locked, other] = await world.settle('pending', 'pending');
    const future = Date.now() + HOUR;
    await query(
      `UPDATE webhook_delivery SET lock_token = 'dead', locked_until = ${future}, next_attempt_at = 1, queue_at = 1 WHERE id = '${locked?.id}'`,
    );
    await query(`UPDATE webhook_delivery SET next_attempt_at = 1, queue_at = 1 WHERE id = '${other?.id}'`);
    // A job that comes late or twice finds it locked.
    await world.application
      .get(DeliveryQueue)
      .add([{ id: locked?.id ?? '', webhookId: locked?.webhookId ?? '' }]);
    await world.settle('pending', 'succeeded');
    expect(world.receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([other?.id]);
    await query(`UPDATE webhook_delivery SET locked_until = 1 WHERE id = '${locked?.id}'`);
    await world.settle('succeeded', 'succeeded');
    expect(world.receiver.requests).toHaveLength(2);
  });

  it('a job for a delivery that is missing or done changes nothing', async () => {
    await world.define();
    await commitEvents(world.dataSource, 2);
    const before = await world.settle('succeeded', 'succeeded');
    await query(`UPDATE webhook_delivery SET status = 'cancelled' WHERE id = '${before[1]?.id}'`);
    const sending = world.application.get(DeliveryService);
    for (const id of [newId(), ...before.map((delivery) => delivery.id)]) await sending.deliver(id);
    expect(await world.all()).toMatchObject([
      before[0] ?? {},
      { made: 1, status: 'cancelled', lockToken: null },
    ]);
    expect(await world.attempts()).toHaveLength(2);
    expect(world.receiver.requests).toHaveLength(2);
  });

  it('what is given back after an attempt waits for its retry, not for a job', async () => {
    world.receiver.answer = (_, response) => {
      response.statusCode = 500;
      response.end();
    };
    await world.define({ schedule: [0, HOUR] });
    await commitEvents(world.dataSource, 1);
    const [tried] = await waitFor('the attempt', async () => {
      const all = await world.all();
      return all[0]?.made === 1 && all;
    });
    await world.application.get(DeliveryService).giveBack([tried?.id ?? '']);
    expect((await world.all())[0]).toMatchObject({
      queueAt: tried?.nextAttemptAt,
      nextAttemptAt: tried?.nextAttemptAt,
    });
  });

  it('an attempt at a delivery that is deleted meanwhile leaves nothing', async () => {
    const answers: ServerResponse[] = [];
    world.receiver.answer = (_, response) => void answers.push(response);
    let ended = false;
    world.notices.on('attempt', () => void (ended = true));
    await world.define();
    await commitEvents(world.dataSource, 1);
    await world.receiver.waitForRequests(1);
    await query('DELETE FROM webhook_delivery');
    for (const response of answers) response.end();
    await waitFor('the end of the attempt', () => ended);
    expect(await world.attempts()).toEqual([]);
  });

  it('a job that was lost with the queue is made again from the database', async () => {
    const id = await world.define();
    const sending = world.application.get(DeliveryQueue);
    await sending.pause();
    await commitEvents(world.dataSource, 3);
    const queue = world.application.get<Queue>(getQueueToken('webhooks'));
    await waitFor('jobs', async () => (await sending.waiting()) > 0);
    const jobs = await queue.getJobs(['waiting']);
    // Nothing but ids: what a job could leak is in nobody's queue.
    for (const { data } of jobs)
      expect(Object.keys(data as object).toSorted()).toEqual(['deliveryIds', 'webhookId']);
    expect(jobs.map(({ data }) => (data as { webhookId: string }).webhookId)).toContain(id);
    await queue.drain();
    await sending.resume();
    // As if the time for which a job stands for a delivery were over.
    await query('UPDATE webhook_delivery SET queue_at = 1');
    await world.settle('succeeded', 'succeeded', 'succeeded');
  });

  it('a body that was sent once is sent again after an attempt that could not be rendered', async () => {
    world.receiver.answer = (_, response) => {
      response.statusCode = world.receiver.requests.length === 1 ? 500 : 200;
      response.end();
    };
    const id = await world.define({
      schedule: [0, HOUR],
      bodyTemplate: 'body {{ data.id }}',
      strictTemplates: true,
    });
    await commitEvents(world.dataSource, 1);
    await world.receiver.waitForRequests(1);
    const [delivery] = await waitFor('the attempt', async () => {
      const all = await world.all();
      return all[0]?.made === 1 && all;
    });
    await world.webhooks.update(id, {
      url: `${world.receiver.url}{{ data.missing }}`,
      bodyTemplate: 'another',
    });
    await world.deliveries.retry(delivery?.id ?? '');
    await world.settle('failed');
    await world.webhooks.update(id, { url: world.receiver.url });
    await world.deliveries.retry(delivery?.id ?? '');
    await world.settle('succeeded');
    expect(world.receiver.requests.map(({ body }) => body)).toEqual(['body 1', 'body 1']);
  });

  it('the default body is fixed by the first attempt, whatever the webhook says later', async () => {
    world.receiver.answer = (_, response) => {
      response.statusCode = world.receiver.requests.length === 1 ? 500 : 200;
      response.end();
    };
    const id = await world.define({ schedule: [0, HOUR] });
    await commitEvents(world.dataSource, 1);
    const [delivery] = await waitFor('the attempt', async () => {
      const all = await world.all();
      return all[0]?.made === 1 && all;
    });
    const [first] = world.receiver.requests;
    expect(delivery).toMatchObject({ body: first?.body, rendered: true, defaultBodyLock: null });
    await world.webhooks.update(id, { bodyTemplate: 'another' });
    await world.deliveries.retry(delivery?.id ?? '');
    await world.settle('succeeded');
    expect(world.receiver.requests.map(({ body }) => body)).toEqual([first?.body, first?.body]);
  });

  it('the default body stays fixed when the worker dies while it is sent', async () => {
    const id = await world.define({ schedule: [HOUR] });
    await commitEvents(world.dataSource, 1);
    await world.settle('pending');
    // As a worker leaves it that is killed between the request and its record.
    await query(
      `UPDATE webhook_delivery SET lock_token = 'dead', default_body_lock = 'dead', locked_until = 1`,
    );
    await world.webhooks.update(id, { bodyTemplate: 'another' });
    await query('UPDATE webhook_delivery SET next_attempt_at = 1, queue_at = 1');
    await world.settle('succeeded');
    const [request] = world.receiver.requests;
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ event: 'create', data: { id: 1 } });
    expect((await world.all())[0]).toMatchObject({ body: request?.body, defaultBodyLock: null });
  });

  it('no body is fixed by an attempt in which nothing could be rendered', async () => {
    const id = await world.define({ url: 'http://{{ data.host }}/', strictTemplates: true });
    await commitEvents(world.dataSource, 1, { data: JSON.stringify({ id: 1 }) });
    const [failed] = await world.settle('failed');
    expect(failed).toMatchObject({ rendered: false, defaultBodyLock: null });
    await world.webhooks.update(id, { url: world.receiver.url, bodyTemplate: 'another {{ data.id }}' });
    await world.deliveries.retry(failed?.id ?? '');
    await world.settle('succeeded');
    expect(world.receiver.requests.map(({ body }) => body)).toEqual(['another 1']);
  });

  it('a blocked address fails at once, counts against nobody, and can be retried after an edit', async () => {
    const id = await world.define({ url: 'http://{{ data.host }}/' });
    await commitEvents(world.dataSource, 1, { data: JSON.stringify({ host: '10.0.0.1' }) });
    const [failed] = await world.settle('failed');
    expect((await world.attempts())[0]).toMatchObject({ errorClass: 'blocked' });
    expect(failed?.error).toContain('delivery.network.allow');
    expect(await world.dataSource.getRepository(Webhook).findOneByOrFail({ id })).toMatchObject({
      failureCount: 0,
    });
    await world.webhooks.update(id, { url: world.receiver.url });
    await world.deliveries.retry(failed?.id ?? '');
    await world.settle('succeeded');
    expect(await world.dataSource.getRepository(WebhookDelivery).countBy({ status: 'succeeded' })).toBe(1);
  });
});

describeOn([postgres], 'a commit that $name refuses', (database) => {
  it('leaves no event', async () => {
    const world = await DeliveryWorld.start(database, redisQueue);
    await world.define();
    const { dataSource } = world;
    await dataSource.query(
      'CREATE TABLE claim (site int REFERENCES site (id) DEFERRABLE INITIALLY DEFERRED)',
    );
    const change = dataSource.transaction(async (manager) => {
      await manager.getRepository(Router).save({ name: 'r1' });
      await manager.query('INSERT INTO claim VALUES (4711)');
    });
    await expect(change).rejects.toThrow('foreign key');
    expect(await dataSource.getRepository(WebhookEvent).count()).toBe(0);
    await dataSource.getRepository(Router).save({ name: 'r2' });
    expect(await dataSource.getRepository(WebhookEvent).count()).toBe(1);
    await world.close();
  });
});
