import { BullModule } from '@nestjs/bullmq';
import { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { Router } from '../../fixtures/network/router.entity.js';
import { startAdmin } from '../../support/admin.js';
import { describeOn } from '../../support/databases.js';
import { startReceiver } from '../../support/receiver.js';
import { startRedisServer } from '../../support/redis-server.js';
import { allInPostgres, mariadbAndRedis, postgresAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

interface Queue {
  readonly paused: boolean | null;
  readonly waiting: number;
  readonly held: number;
  readonly events: number;
  readonly oldestDeliveryAt: string | null;
}

describeOn([allInPostgres, postgresAndRedis, mariadbAndRedis], 'the queue page on $name', (store) => {
  it('counts what waits, is held and is due, and says whether anything is sent', async () => {
    const [admin, receiver] = await Promise.all([startAdmin('express', { store }), startReceiver()]);
    const queue = async () => (await admin.api<Queue>('GET', 'queue')).body;
    const page = async () => (await admin.get('queue')).text();
    const define = (values: object) =>
      admin.api<{ id: string }>('POST', 'webhooks', {
        models: ['router'],
        events: ['create'],
        url: receiver.url,
        ...values,
      });
    expect(await queue()).toMatchObject({
      paused: false,
      waiting: 0,
      held: 0,
      events: 0,
      oldestDeliveryAt: null,
    });
    expect(await page()).toContain('Nothing waits.');

    await admin.api('POST', 'queue/pause');
    await define({ name: 'enabled' });
    await define({ name: 'disabled', enabled: false });
    await admin.application
      .get(DataSource)
      .getRepository(Router)
      .insert([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    const counted = await waitFor('three and three', async () => {
      const state = await queue();
      return state.waiting === 3 && state.held === 3 && state;
    });
    expect(counted).toMatchObject({ paused: true, events: 0, oldestDeliveryAt: expect.any(String) });
    const text = await page();
    expect(text).toMatch(/<dt>Waiting<\/dt><dd>3</);
    expect(text).toMatch(/<dt>Held<\/dt><dd>3</);
    expect(text).toContain('>paused</span>');
    expect(receiver.requests).toEqual([]);

    await admin.api('POST', 'queue/resume');
    await receiver.waitForRequests(3);
    await waitFor('nothing to wait', async () => (await queue()).waiting === 0);
    expect(await queue()).toMatchObject({ paused: false, held: 3 });
    await admin.close();
    await receiver.close();
  }, 60_000);
});

const withOwnRedis = { ...postgresAndRedis, name: 'Redis' };

describeOn([withOwnRedis], 'the admin routes while $name is away', (store) => {
  it('show what the database knows, say that the queue cannot be reached, and do not wait for it', async () => {
    const redis = await startRedisServer();
    if (redis === undefined) throw new Error('redis-server is installed where Redis is available.');
    const receiver = await startReceiver();
    const connection = { host: '127.0.0.1', port: redis.port };
    const admin = await startAdmin('express', {
      store,
      queue: { imports: [BullModule.forRoot({ connection })], queue: { backend: 'redis' } },
    });
    const hook = await admin.api<{ id: string }>('POST', 'webhooks', {
      name: 'one',
      models: ['router'],
      events: ['create'],
      url: receiver.url,
      enabled: false,
    });
    await redis.close();
    await admin.application.get(DataSource).getRepository(Router).insert({ name: 'held' });
    await waitFor(
      'the delivery to be held',
      async () => {
        const { body } = await admin.api<Queue>('GET', 'queue');
        return body.held === 1;
      },
      30_000,
    );
    expect(await admin.api('GET', 'queue')).toMatchObject({ status: 200, body: { paused: null, held: 1 } });
    const page = await (await admin.get('queue')).text();
    expect(page).toContain('cannot be reached');
    expect(page).toMatch(/<dt>Held<\/dt><dd>1</);
    expect(page).not.toContain('action="./queue/pause"');
    for (const path of ['webhooks', 'deliveries', 'events', `webhooks/${hook.body.id}`]) {
      expect([path, (await admin.get(path)).status]).toEqual([path, 200]);
    }
    for (const action of ['pause', 'resume']) {
      expect(await admin.api('POST', `queue/${action}`)).toMatchObject({
        status: 503,
        body: { code: 'WEBHOOKS_QUEUE_UNREACHABLE' },
      });
    }
    const button = await admin.get('queue/pause', { method: 'POST' });
    expect([button.status, (await button.text()).includes('may still arrive')]).toEqual([503, true]);

    const again = await startRedisServer(redis.port);
    await waitFor(
      'the queue to answer',
      async () => {
        const { body } = await admin.api<Queue>('GET', 'queue');
        return body.paused !== null;
      },
      30_000,
    );
    await admin.api('POST', 'queue/resume');
    await admin.api('POST', `webhooks/${hook.body.id}/enable`);
    await receiver.waitForRequests(1, 30_000);
    await admin.close();
    await again?.close();
    await receiver.close();
  }, 120_000);
});
