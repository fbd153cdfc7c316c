import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { DataSource, IsNull, Not } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { WebhookAttempt } from '../../../lib/model/webhook-attempt.entity.js';
import { WebhookDelivery } from '../../../lib/model/webhook-delivery.entity.js';
import { WEBHOOKS_ENTITIES } from '../../../lib/model/webhooks-entities.js';
import { Router } from '../../fixtures/network/router.entity.js';
import { Site } from '../../fixtures/network/site.entity.js';
import type { NetworkProcessOptions } from '../../fixtures/network/network-process.js';
import { describeOn, postgres } from '../../support/databases.js';
import { NetworkProcesses } from '../../support/network-processes.js';
import { commitEvents } from '../../support/outbox.js';
import { postgresQueue, redisQueue } from '../../support/queues.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { createWebhook } from '../../support/webhook-rows.js';
import { serviceUrl } from '../../support/services.js';
import { waitFor } from '../../support/wait-for.js';

const EVENTS = 1_000;

describeOn([redisQueue, postgresQueue], 'processes with their queue in $name', (store) => {
  let processes: NetworkProcesses;
  let receiver: Receiver;
  let dataSource: DataSource;
  let options: Omit<NetworkProcessOptions, 'worker'>;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    processes = await NetworkProcesses.compile();
  });
  afterAll(() => processes.close());

  beforeEach(async () => {
    const database = await postgres.create();
    drop = database.drop;
    dataSource = await new DataSource({
      ...database.options,
      entities: [...WEBHOOKS_ENTITIES, Router, Site],
      synchronize: true,
    }).initialize();
    receiver = await startReceiver();
    await createWebhook(dataSource, { models: ['router'], url: receiver.url });
    const { hostname, port } = new URL(serviceUrl(store.name === 'redis' ? 'REDIS_URL' : 'DATABASE_URL'));
    options = {
      database: database.options,
      queue:
        store.name === 'redis'
          ? {
              backend: 'redis',
              connection: { host: hostname, port: Number(port) },
              prefix: `webhooks_test_${randomBytes(6).toString('hex')}`,
            }
          : { backend: 'postgres' },
    };
  });
  afterEach(async () => {
    await receiver.close();
    await dataSource.destroy();
    await drop();
  });

  it(`two workers deliver ${EVENTS} events exactly once each`, async () => {
    const workers = await Promise.all([1, 2].map(() => processes.start({ ...options, worker: true })));
    for (let batch = 0; batch < 10; batch++) {
      await commitEvents(dataSource, EVENTS / 10, (index) => {
        const id = String(batch * (EVENTS / 10) + index);
        return { objectId: id, data: JSON.stringify({ id }) };
      });
    }
    await receiver.waitForRequests(EVENTS, 25_000);
    await waitFor(
      'every attempt to be recorded',
      async () => (await dataSource.getRepository(WebhookAttempt).count()) === EVENTS,
    );
    // Whatever would be sent twice is sent by now or when they stop.
    expect(await Promise.all(workers.map((worker) => worker.stop()))).toEqual([0, 0]);
    const ids = receiver.requests.map(({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id);
    expect(ids).toHaveLength(EVENTS);
    expect(new Set(ids).size).toBe(EVENTS);
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(EVENTS);
  });

  it('a process that serves requests leaves the delivery to one that works', async () => {
    const web = await processes.start({ ...options, worker: false });
    const worker = await processes.start({ ...options, worker: true });
    const created = await fetch(`${web.url}/routers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user': 'grace' },
      body: JSON.stringify({ name: 'r1' }),
    });
    expect(created.status).toBe(201);
    const [request] = await receiver.waitForRequests(1);
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      event: 'create',
      username: 'grace',
      data: { name: 'r1' },
    });
    expect(await Promise.all([web.stop(), worker.stop()])).toEqual([0, 0]);
  });

  it.each(['first', 'last'] as const)(
    'SIGTERM ends what is on its way and hands back the rest, with the module imported %s',
    async (hooks) => {
      const hanging: ServerResponse[] = [];
      receiver.answer = (_, response) => void hanging.push(response);
      const worker = await processes.start({ ...options, worker: true, hooks });
      await commitEvents(dataSource, 30);
      await waitFor('every place to be taken', () => hanging.length === 10);
      const stopped = once(worker.child, 'exit');
      worker.child.kill('SIGTERM');
      const deliveries = dataSource.getRepository(WebhookDelivery);
      receiver.answer = (_, response) => response.end();
      for (const response of hanging) response.end();
      // Nest raises the signal again when it is done.
      expect(await stopped).toEqual([null, 'SIGTERM']);
      expect(await deliveries.countBy({ lockedUntil: Not(IsNull()) })).toBe(0);
      const next = await processes.start({ ...options, worker: true });
      await waitFor('all to succeed', async () => (await deliveries.countBy({ status: 'succeeded' })) === 30);
      await next.stop();
      expect(receiver.requests).toHaveLength(30);
      expect(await dataSource.getRepository(WebhookAttempt).count()).toBe(30);
    },
  );
});
