import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOn, postgres } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { startProxy, type ForwardProxy } from '../../support/forward-proxy.js';
import { commitEvents } from '../../support/outbox.js';
import { postgresQueue } from '../../support/queues.js';
import { waitFor } from '../../support/wait-for.js';

describeOn([postgres], 'deliveries through a proxy on $name', (database) => {
  let world: DeliveryWorld;
  let proxy: ForwardProxy;

  beforeEach(async () => {
    proxy = await startProxy({ credentials: 'user-lovelace:correct-horse' });
    world = await DeliveryWorld.start(database, postgresQueue, { delivery: { proxy: { url: proxy.url } } });
  });
  afterEach(async () => {
    await world.close();
    await proxy.close();
  });

  it('arrive, and a proxy that is down costs no attempt and shows no password', async () => {
    await world.define();
    await commitEvents(world.dataSource, 1);
    await world.settle('succeeded');
    expect(proxy.asked).toEqual([new URL(world.receiver.url).host]);
    await proxy.close();
    await commitEvents(world.dataSource, 1);
    const [attempt] = await waitFor('an attempt through it', async () => {
      const failed = (await world.attempts()).filter(({ errorClass }) => errorClass === 'proxy');
      return failed.length > 0 && failed;
    });
    expect(attempt?.error).toContain(new URL(proxy.url).host);
    expect(JSON.stringify(attempt)).not.toMatch(/lovelace|correct-horse/);
    expect((await world.all()).at(-1)).toMatchObject({ status: 'pending', attempts: 0, made: 1 });
  });
});
