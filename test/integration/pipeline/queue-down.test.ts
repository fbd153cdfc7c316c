import { BullModule } from '@nestjs/bullmq';
import { expect, it } from 'vitest';
import { WebhooksService } from '../../../lib/webhooks/webhooks.service.js';
import { RoutersController } from '../../fixtures/network/routers.controller.js';
import { startApplication } from '../../support/application.js';
import { describeOn, postgres } from '../../support/databases.js';
import { redisQueue } from '../../support/queues.js';
import { startReceiver } from '../../support/receiver.js';
import { startRedisServer } from '../../support/redis-server.js';

const both = [{ name: 'Redis', available: postgres.available && redisQueue.available }];

describeOn(both, 'a queue in $name that goes away', () => {
  it.each([true, false])(
    'costs a request nothing, and the delivery comes when it is back (worker: %s)',
    async (worker) => {
      const database = await postgres.create();
      const redis = await startRedisServer();
      const receiver = await startReceiver();
      if (redis === undefined) throw new Error('redis-server is installed where Redis is available.');
      const connection = { host: '127.0.0.1', port: redis.port };
      const boot = (as: { worker: boolean; synchronize: boolean }) =>
        startApplication({
          database: database.options,
          queue: { imports: [BullModule.forRoot({ connection })], queue: { backend: 'redis' } },
          controllers: [RoutersController],
          synchronize: as.synchronize,
          webhooks: { worker: as.worker },
        });
      const web = await boot({ worker, synchronize: true });
      const other = worker ? undefined : await boot({ worker: true, synchronize: false });
      await web.listen(0, '127.0.0.1');
      await web
        .get(WebhooksService)
        .create({ name: 'routers', models: ['router'], events: ['create'], url: receiver.url });

      await redis.close();
      const began = performance.now();
      for (const name of ['r1', 'r2', 'r3']) {
        const answer = await fetch(`${await web.getUrl()}/routers`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ name }),
        });
        expect(answer.status).toBe(201);
      }
      // Far less than the patience that anything has with the queue.
      expect(performance.now() - began).toBeLessThan(1_500);
      expect(receiver.requests).toEqual([]);

      const again = await startRedisServer(redis.port);
      await receiver.waitForRequests(3, 60_000);
      await web.close();
      await other?.close();
      await again?.close();
      await receiver.close();
      await database.drop();
    },
    120_000,
  );
});
