import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { INestApplication } from '@nestjs/common';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { WebhookDelivery } from '../../../lib/model/webhook-delivery.entity.js';
import { WEBHOOKS_ENTITIES } from '../../../lib/model/webhooks-entities.js';
import { SecretStore } from '../../../lib/secrets/secret-store.js';
import { secretValues } from '../../../lib/secrets/secret-values.js';
import { hookSignature } from '../../../lib/signing/signatures.js';
import { DeliveriesService } from '../../../lib/webhooks/deliveries.service.js';
import { reencryptSecrets } from '../../../lib/webhooks/reencrypt-secrets.js';
import { WebhookSecretsService } from '../../../lib/webhooks/secrets.service.js';
import { WebhooksService } from '../../../lib/webhooks/webhooks.service.js';
import { startApplication, TEST_KEY } from '../../support/application.js';
import { describeOn, postgres } from '../../support/databases.js';
import { commitEvents } from '../../support/outbox.js';
import { redisQueue } from '../../support/queues.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { transpile } from '../../support/transpile.js';

const NEW_KEY = Buffer.alloc(32, 9).toString('base64');

const both = [{ name: 'postgres', available: postgres.available && redisQueue.available }];

describeOn(both, 'secrets on $name', () => {
  let application: INestApplication;
  let database: DataSourceOptions;
  let receiver: Receiver;
  const drops: (() => Promise<void>)[] = [];

  const boot = (keys: readonly string[] = [TEST_KEY], worker = true) =>
    redisQueue.create().then((queue) => {
      drops.unshift(queue.drop);
      return startApplication({
        database,
        queue,
        webhooks: {
          worker,
          ...(keys.length === 0 ? { secrets: undefined as never } : { secrets: { keys } }),
        },
      });
    });

  beforeEach(async () => {
    const created = await postgres.create();
    database = created.options;
    drops.push(created.drop);
    receiver = await startReceiver();
    application = await boot();
  });
  afterEach(async () => {
    await application.close();
    await receiver.close();
    for (const drop of drops.splice(0)) await drop();
  });

  const define = () =>
    application.get(WebhooksService).create({
      name: 'routers',
      models: ['router'],
      events: ['create'],
      url: receiver.url,
      variables: { TOKEN: 't0ken' },
      bodyTemplate: '{"token":"{{ secrets.TOKEN }}"}',
    });

  it('sign together while they overlap; X-Hook-Signature keeps the old one until then', async () => {
    const { id, secret: old } = await define();
    const secrets = application.get(WebhookSecretsService);
    const { secret: current } = await secrets.rotate(id);
    expect(current).not.toBe(old);
    await commitEvents(application.get(DataSource), 1);
    const [during] = await receiver.waitForRequests(1);
    for (const secret of [old, current]) {
      expect(
        new StandardWebhook(secret ?? '').verify(during?.body ?? '', during?.headers as never),
      ).toBeTruthy();
    }
    expect(during?.headers['x-hook-signature']).toBe(hookSignature(old ?? '', during?.body ?? ''));

    await secrets.endOverlap(id);
    await commitEvents(application.get(DataSource), 1);
    const [, after] = await receiver.waitForRequests(2);
    expect(new StandardWebhook(current).verify(after?.body ?? '', after?.headers as never)).toBeTruthy();
    expect(() => new StandardWebhook(old ?? '').verify(after?.body ?? '', after?.headers as never)).toThrow(
      'No matching signature',
    );
    expect(after?.headers['x-hook-signature']).toBe(hookSignature(current, after?.body ?? ''));
  });

  it('of receivers sign until the end of their overlap, however often they are replaced meanwhile', async () => {
    const { id, secret: old } = await define();
    const secrets = application.get(WebhookSecretsService);
    await secrets.rotate(id, { overlap: 60_000 });
    const [first] = await application.get(DataSource).getRepository(Webhook).find();
    const { secret: current } = await secrets.rotate(id);
    const [second] = await application.get(DataSource).getRepository(Webhook).find();
    expect(second?.previousSecretUntil).toEqual(first?.previousSecretUntil);
    await commitEvents(application.get(DataSource), 1);
    const [request] = await receiver.waitForRequests(1);
    for (const secret of [old, current]) {
      expect(
        new StandardWebhook(secret ?? '').verify(request?.body ?? '', request?.headers as never),
      ).toBeTruthy();
    }
    await secrets.rotate(id, { overlap: 0 });
    const [third] = await application.get(DataSource).getRepository(Webhook).find();
    expect([third?.previousSecret, third?.previousSecretUntil]).toEqual([null, null]);
  });

  const replacements: [string, string | null][] = [
    ['another', 'a secret that was typed'],
    ['none', null],
  ];
  it.each(replacements)('end their overlap when one is replaced by %s', async (_, secret) => {
    const { id } = await define();
    const { secret: rotated } = await application.get(WebhookSecretsService).rotate(id);
    await application.get(WebhooksService).update(id, { secret });
    await commitEvents(application.get(DataSource), 1);
    const [request] = await receiver.waitForRequests(1);
    expect(request?.headers['x-hook-signature']).toBe(
      secret === null ? undefined : hookSignature(secret, request?.body ?? ''),
    );
    const signatures = request?.headers['webhook-signature'];
    expect(signatures === undefined ? 0 : String(signatures).split(' ').length).toBe(secret === null ? 0 : 1);
    const [row] = await application.get(DataSource).getRepository(Webhook).find();
    expect([row?.previousSecret, row?.previousSecretUntil]).toEqual([null, null]);
    const { values } = secretValues(new SecretStore({ keys: [TEST_KEY] }), row as Webhook);
    expect(values).toContain(rotated);
  });

  it('end their overlap by the time of the database', async () => {
    const { id, secret: old } = await define();
    await application
      .get(WebhookSecretsService)
      .rotate(id, { secret: 'a brand new secret', overlap: 60_000 });
    await application
      .get(DataSource)
      .query(
        `UPDATE webhook SET previous_secret_until = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint) - 1`,
      );
    await commitEvents(application.get(DataSource), 1);
    const [request] = await receiver.waitForRequests(1);
    expect(request?.headers['x-hook-signature']).toBe(
      hookSignature('a brand new secret', request?.body ?? ''),
    );
    expect(() =>
      new StandardWebhook(old ?? '').verify(request?.body ?? '', request?.headers as never),
    ).toThrow('No matching signature');
  });

  const wrong: [string, object, string][] = [
    ['a short secret', { secret: 'short' }, 'secret'],
    ['an overlap of a year', { overlap: 365 * 86_400_000 }, 'overlap'],
  ];
  it.each(wrong)('are not replaced with %s', async (_, options, field) => {
    const { id } = await define();
    await expect(application.get(WebhookSecretsService).rotate(id, options)).rejects.toMatchObject({
      fields: { [field]: [expect.any(String)] },
    });
  });

  it('need their key when the application starts', async () => {
    await define();
    await application.close();
    await expect(boot([NEW_KEY])).rejects.toMatchObject({ code: 'WEBHOOKS_KEY_UNKNOWN' });
    application = await boot([NEW_KEY, TEST_KEY]);
  });

  it('are encrypted with the first key when they are replaced, the one before as well', async () => {
    const { id, secret } = await define();
    await application.close();
    application = await boot([NEW_KEY, TEST_KEY]);
    await application.get(WebhookSecretsService).rotate(id);
    const store = new SecretStore({ keys: [NEW_KEY] });
    const [row] = await application.get(DataSource).getRepository(Webhook).find();
    expect(store.decrypt(id, 'secret', row?.previousSecret ?? '')).toBe(secret);

    const now = 'another new secret';
    await application.get(WebhookSecretsService).endOverlap(id);
    const unreadable = store.encrypt('another webhook', 'secret', 'a secret of its own');
    await application.get(DataSource).getRepository(Webhook).update({ id }, { secret: unreadable });
    await application.get(WebhookSecretsService).rotate(id, { secret: now });
    const [after] = await application.get(DataSource).getRepository(Webhook).find();
    expect([after?.previousSecret, store.decrypt(id, 'secret', after?.secret ?? '')]).toEqual([
      unreadable,
      now,
    ]);
  });

  it('are all encrypted again, also what an older key encrypts meanwhile', async () => {
    const { id } = await define();
    const repository = application.get(DataSource).getRepository(Webhook);
    const [row] = await repository.find();
    const old = row?.secret ?? null;
    // What is saved between the reading of the rows and the end of it.
    const find = vi.spyOn(repository, 'find').mockImplementationOnce(async () => {
      const rows = await repository.findBy({ id });
      await repository.update({ id }, { previousSecret: old });
      return rows;
    });
    // The secret, the variables, and then the one before.
    expect(await reencryptSecrets(application.get(DataSource), { keys: [NEW_KEY, TEST_KEY] })).toBe(3);
    find.mockRestore();
    const store = new SecretStore({ keys: [NEW_KEY] });
    const [again] = await repository.find();
    expect(store.isCurrent(again?.previousSecret ?? '')).toBe(true);
  });

  it('are encrypted again with the first key, by the function and by the command', async () => {
    await define();
    await commitEvents(application.get(DataSource), 1);
    await receiver.waitForRequests(1);
    await application.close();
    const dataSource = await new DataSource({ ...database, entities: [...WEBHOOKS_ENTITIES] }).initialize();
    await expect(reencryptSecrets(dataSource, { keys: [NEW_KEY] })).rejects.toMatchObject({
      code: 'WEBHOOKS_KEY_UNKNOWN',
    });
    expect(await reencryptSecrets(dataSource, { keys: [NEW_KEY, TEST_KEY] })).toBe(3);
    expect(await reencryptSecrets(dataSource, { keys: [NEW_KEY] })).toBe(0);

    const { folder, remove } = await transpile('reencrypt', ['lib']);
    const file = join(folder, 'data-source.js');
    await writeFile(
      file,
      `import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { WEBHOOKS_ENTITIES } from './lib/index.js';
export const dataSource = new DataSource({ ...${JSON.stringify(database)}, entities: [...WEBHOOKS_ENTITIES] });`,
    );
    // The compiled folder stands for the installed package of this name.
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'nestjs-webhooks', type: 'module', exports: './lib/index.js' }),
    );
    const run = (env: Record<string, string>, ...args: string[]) =>
      promisify(execFile)(process.execPath, [join(folder, 'lib/cli/main.js'), 'reencrypt', ...args], {
        env: { ...process.env, ...env },
      }).catch((error: { stderr: string; code: number }) => ({
        stdout: '',
        stderr: error.stderr,
        code: error.code,
      }));
    const keys = { OLD: NEW_KEY, NEWEST: Buffer.alloc(32, 3).toString('base64') };
    expect((await run(keys, '--data-source', file, '--keys', 'NEWEST,OLD')).stdout).toBe(
      'Encrypted 3 secrets with the first key. Older keys may be removed.\n',
    );
    expect(await run({}, '--data-source', file)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('WEBHOOKS_KEY is not set'),
    });
    expect(await run(keys, '--data-source', file, '--keys', 'OLD')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('which secrets.keys does not hold'),
    });
    expect(await run(keys, '--keys', 'OLD')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--data-source is missing'),
    });
    await remove();
    const [row] = await dataSource.getRepository(Webhook).find();
    expect(row?.secret).not.toBeNull();
    await dataSource.destroy();
    application = await boot([keys.NEWEST]);
    expect(await application.get(WebhooksService).list()).toMatchObject([{ variables: ['TOKEN'] }]);
    const [delivery] = await application.get(DataSource).getRepository(WebhookDelivery).find();
    await application.get(DeliveriesService).retry(delivery?.id ?? '');
    const [first, again] = await receiver.waitForRequests(2);
    expect([first?.body, again?.body]).toEqual(Array(2).fill('{"token":"t0ken"}'));
  });
});
