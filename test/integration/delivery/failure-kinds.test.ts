import { afterEach, beforeEach, expect, it } from 'vitest';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { SecretStore } from '../../../lib/secrets/secret-store.js';
import type { WebhookInput } from '../../../lib/webhooks/webhook-input.js';
import { TEST_KEY } from '../../support/application.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { startReceiver } from '../../support/receiver.js';
import { allInPostgres, mariadbAndRedis, sqljsAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

/** A key that only another process has. */
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');
/** Nothing listens at these. */
const DEAD = ['http://127.0.0.1:1/', 'http://127.0.0.1:2/', 'http://127.0.0.1:3/', 'http://127.0.0.1:4/'];

describeOn([allInPostgres, mariadbAndRedis, sqljsAndRedis], 'whose a failure is, on $name', (store) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(store.database, store.queue, {
      delivery: { health: { pauseAfter: 4, pause: 3_600_000, disableAfterFailures: 1_000 } },
    });
  });
  afterEach(() => world.close());

  const webhookRow = (id: string) => world.dataSource.getRepository(Webhook).findOneByOrFail({ id });
  const attemptsOf = (count: number) =>
    waitFor(`${count} attempts`, async () => {
      const attempts = await world.attempts();
      return attempts.length >= count && attempts;
    });

  const rendered: { what: string; data: object; input: Partial<WebhookInput>; errorClass?: string }[] = [
    {
      what: 'a value outside Latin-1',
      data: { name: 'Δ-1' },
      input: { additionalHeaders: 'X-Name: {{ data.name }}' },
    },
    {
      what: 'a value with a line break',
      data: { name: 'a\nX-Admin: 1' },
      input: { additionalHeaders: 'X-Name: {{ data.name }}' },
    },
    {
      what: 'a name that belongs to the signature',
      data: { name: 'webhook-signature' },
      input: { additionalHeaders: '{{ data.name }}: v1,forged' },
    },
    {
      what: 'a name that is none',
      data: { name: 'a b' },
      input: { additionalHeaders: '{{ data.name }}: x' },
    },
    {
      what: 'more bytes than fit beside the signature',
      data: { name: 'x'.repeat(16_300) },
      input: { additionalHeaders: 'X-Name: {{ data.name }}' },
      errorClass: 'invalid',
    },
  ];
  it.each(rendered)(
    'a header that renders to $what is of the definition',
    async ({ data, input, errorClass }) => {
      const id = await world.define({ schedule: [0, 10, 10], ...input });
      await commitEvents(world.dataSource, 1, { data: JSON.stringify(data) });
      const [failed] = await world.settle('failed');
      expect(failed?.error).toMatch(/header/i);
      expect(await world.attempts()).toMatchObject([{ number: 1, errorClass: errorClass ?? 'template' }]);
      expect(world.receiver.requests).toHaveLength(0);
      expect(await webhookRow(id)).toMatchObject({ enabled: true, failureCount: 0, pausedUntil: null });

      await world.webhooks.update(id, { additionalHeaders: '' });
      await world.deliveries.retry(failed?.id ?? '');
      await world.settle('succeeded');
    },
  );

  it.each(['secret', 'variables'] as const)(
    'a key of another process, which encrypted its %s, is ours: the delivery waits for it',
    async (field) => {
      const id = await world.define({ schedule: [0], secret: 'a signing secret' });
      const text = field === 'secret' ? 'another signing secret' : '{"TOKEN":"t0ken"}';
      const encryptedWith = (key: string) => ({
        [field]: new SecretStore({ keys: [key] }).encrypt(id, field, text),
        revision: () => 'revision + 1',
      });
      const webhooks = world.dataSource.getRepository(Webhook);
      await webhooks.update({ id }, encryptedWith(OTHER_KEY));
      await commitEvents(world.dataSource, 1);
      const [attempt] = await attemptsOf(1);
      expect(attempt).toMatchObject({
        errorClass: 'key',
        error: expect.stringContaining('secrets.keys does not hold'),
      });
      const [waiting] = await world.settle('pending');
      expect(waiting).toMatchObject({ attempts: 0, made: 1 });
      expect(waiting?.nextAttemptAt?.getTime()).toBeGreaterThan(attempt?.startedAt.getTime() ?? 0);
      expect(await webhookRow(id)).toMatchObject({ failureCount: 0 });

      await webhooks.update({ id }, encryptedWith(TEST_KEY));
      await world.deliveries.retry(waiting?.id ?? '');
      await world.settle('succeeded');
    },
  );

  it('failures of ours are counted anew after a retry by hand, and those before are not', async () => {
    const id = await world.define({
      schedule: [0],
      strictTemplates: true,
      bodyTemplate: '{{ data.missing }}',
    });
    await commitEvents(world.dataSource, 1);
    const [failed] = await world.settle('failed');
    for (let more = 0; more < 3; more++) {
      await world.deliveries.retry(failed?.id ?? '');
      await attemptsOf(more + 2);
      await world.settle('failed');
    }
    const webhooks = world.dataSource.getRepository(Webhook);
    const variables = new SecretStore({ keys: [OTHER_KEY] }).encrypt(id, 'variables', '{}');
    await webhooks.update({ id }, { variables, revision: () => 'revision + 1' });
    await world.deliveries.retry(failed?.id ?? '');
    const last = (await attemptsOf(5)).at(-1);
    const [waiting] = await world.settle('pending');
    expect(last).toMatchObject({ number: 5, trigger: 'manual', errorClass: 'key' });
    const delay = (waiting?.nextAttemptAt?.getTime() ?? 0) - (last?.startedAt.getTime() ?? 0);
    // The first is half a minute, and a tenth at random.
    expect(delay).toBeLessThan(40_000);
  });

  it('while most endpoints cannot be reached, none is judged and no attempt is lost', async () => {
    const ids: string[] = [];
    for (const url of DEAD) ids.push(await world.define({ url, schedule: [0, 3_600_000] }));
    await commitEvents(world.dataSource, 1);
    await attemptsOf(DEAD.length);
    await commitEvents(world.dataSource, 6);
    const later = (await attemptsOf(DEAD.length * 7)).slice(DEAD.length);
    for (const { error } of later) expect(error).toContain('Most endpoints cannot be reached');
    const deliveries = await world.settle(...later.map(() => 'pending'), ...DEAD.map(() => 'pending'));
    expect(deliveries.filter(({ attempts }) => attempts > 0).length).toBeLessThan(DEAD.length);
    for (const id of ids) {
      const { failureCount, pausedUntil } = await webhookRow(id);
      expect(failureCount).toBeLessThanOrEqual(1);
      expect(pausedUntil).toBeNull();
    }
  });

  it('while most endpoints answer, the one that cannot be reached is judged', async () => {
    const others = await Promise.all([startReceiver(), startReceiver()]);
    try {
      for (const { url } of [world.receiver, ...others]) await world.define({ url });
      const dead = await world.define({ url: DEAD[0] ?? '', schedule: [0, 20, 20, 20, 20, 20] });
      await commitEvents(world.dataSource, 1);
      const { failureCount } = await waitFor('the endpoint to rest', async () => {
        const row = await webhookRow(dead);
        return row.pausedUntil !== null && row;
      });
      expect(failureCount).toBe(4);
      const [delivery] = await world
        .settle('pending', 'succeeded', 'succeeded', 'succeeded')
        .then((all) => all.filter(({ webhookId }) => webhookId === dead));
      expect(delivery).toMatchObject({ attempts: 4 });
    } finally {
      for (const other of others) await other.close();
    }
  });
});
