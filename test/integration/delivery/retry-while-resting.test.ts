import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeliveryQueue } from '../../../lib/delivery/delivery.queue.js';
import { DeliveryService } from '../../../lib/delivery/delivery.service.js';
import { QUEUE_GRACE } from '../../../lib/delivery/queue-grace.js';
import { reopenDeliveries } from '../../../lib/delivery/reopen-deliveries.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres, mariadbAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

const HOUR = 3_600_000;
const stores = [allInPostgres, mariadbAndRedis];

describeOn(stores, 'a retry by hand on $name', ({ database, queue }) => {
  let world: DeliveryWorld;
  let id: string;
  let status: number;

  const endpoint = () => world.dataSource.getRepository(Webhook).findOneByOrFail({ id });
  const triggers = async () => (await world.attempts()).map(({ trigger }) => trigger);

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue, {
      delivery: { health: { pauseAfter: 3, pause: HOUR, maxPause: 4 * HOUR } },
    });
    status = 500;
    world.receiver.answer = (_, response) => {
      response.statusCode = status;
      response.end();
    };
    id = await world.define({ schedule: [0, ...Array.from({ length: 20 }, () => 5 * HOUR)] });
    await commitEvents(world.dataSource, 3);
    await waitFor('the endpoint to rest', async () => (await endpoint()).pausedUntil !== null);
    await waitFor('three attempts', async () => (await triggers()).length === 3);
  });
  afterEach(() => world.close());

  it('goes at once although the endpoint rests, and heals it when it succeeds', async () => {
    const [first] = await world.all();
    const { pausedUntil } = await endpoint();
    await world.deliveries.retry(first?.id ?? '');
    await waitFor('the attempt', async () => (await triggers()).length === 4);
    expect((await triggers()).at(-1)).toBe('manual');
    expect((await endpoint()).pausedUntil).toEqual(pausedUntil);
    status = 200;
    await world.deliveries.retry(first?.id ?? '');
    await world.settle('succeeded', 'pending', 'pending');
    expect(
      await waitFor('the endpoint to heal', async () => {
        const webhook = await endpoint();
        return webhook.pausedUntil === null && webhook;
      }),
    ).toMatchObject({ failureCount: 0 });
  });

  it('of many sends one as the probe, and the others when that succeeds', async () => {
    expect(await world.deliveries.retryMany({ webhookId: id })).toEqual({ count: 3 });
    const longer = await waitFor('the rest to be longer', async () => {
      const { pauseCount } = await endpoint();
      return pauseCount > 1 && pauseCount;
    });
    expect(longer).toBe(2);
    expect(await triggers()).toContain('probe');
    status = 200;
    await world.deliveries.retryMany({ webhookId: id });
    await world.settle('succeeded', 'succeeded', 'succeeded');
    expect(await endpoint()).toMatchObject({ pausedUntil: null });
  });

  it('of many passes no rest, of one it does', async () => {
    const [first, second] = (await world.all()).map((delivery) => delivery.id);
    await reopenDeliveries(world.dataSource.manager, [first ?? '', second ?? '']);
    await world.application.get(DeliveryService).deliver(second ?? '');
    expect(await triggers()).toHaveLength(3);
    await world.deliveries.retry(first ?? '');
    await waitFor('the attempt', async () => (await triggers()).length === 4);
    expect((await world.attempts()).at(-1)).toMatchObject({ trigger: 'manual', deliveryId: first });
    const left = (await world.all()).find((delivery) => delivery.id === second);
    expect(left).toMatchObject({ status: 'pending', made: 1 });
  });

  it('of one is not due a second time while its job waits', async () => {
    const jobs = world.application.get(DeliveryQueue);
    await jobs.pause();
    const [first] = await world.all();
    const before = Date.now();
    await world.deliveries.retry(first?.id ?? '');
    const [waiting] = await world.all();
    expect(Number(waiting?.queueAt)).toBeGreaterThan(before + QUEUE_GRACE / 2);
    await jobs.resume();
    await waitFor('the attempt', async () => (await triggers()).length === 4);
  });

  it('of a disabled webhook says that it is disabled', async () => {
    await world.webhooks.update(id, { enabled: false });
    const [first] = await world.all();
    await expect(world.deliveries.retry(first?.id ?? '')).rejects.toMatchObject({
      code: 'WEBHOOKS_DELIVERY_IMPOSSIBLE',
      message: expect.stringContaining('is disabled. Enable the webhook first.'),
    });
    expect(await world.deliveries.retryMany({ webhookId: id })).toEqual({ count: 0 });
  });
});
