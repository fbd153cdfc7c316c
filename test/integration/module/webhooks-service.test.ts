import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { SecretStore } from '../../../lib/secrets/secret-store.js';
import { secretValues } from '../../../lib/secrets/secret-values.js';
import { toStandardSecret } from '../../../lib/signing/standard-secret.js';
import { WebhookSecretsService } from '../../../lib/webhooks/secrets.service.js';
import type { WebhookInput } from '../../../lib/webhooks/webhook-input.js';
import { WebhooksService } from '../../../lib/webhooks/webhooks.service.js';
import { startApplication } from '../../support/application.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { redisQueue } from '../../support/queues.js';

const GOOD: Pick<WebhookInput, 'name' | 'models' | 'events' | 'url'> = {
  name: 'good',
  models: ['router'],
  events: ['create'],
  url: 'https://example.com/hook',
};

const faults: [what: string, input: Partial<Record<keyof WebhookInput, unknown>>, fields: string[]][] = [
  [
    'nothing at all',
    { name: undefined, models: undefined, events: undefined, url: undefined },
    ['name', 'models', 'events', 'url'],
  ],
  [
    'empty lists and a malformed URL',
    { models: [], events: [], url: 'htp:/nowhere' },
    ['models', 'events', 'url'],
  ],
  ['an unknown model', { models: ['router', 'unicorn'] }, ['models']],
  ['an unknown event', { events: ['created'] }, ['events']],
  ['a private address', { url: 'http://10.1.2.3/' }, ['url']],
  ['a URL with credentials', { url: 'https://user:password@example.com/' }, ['url']],
  [
    'faults in every template',
    { url: 'https://example.com/{{ a', additionalHeaders: 'X-A: {{ b', bodyTemplate: '{% if %}' },
    ['url', 'additionalHeaders', 'bodyTemplate'],
  ],
  ['a header without a colon', { additionalHeaders: 'X-A: 1\nX-B' }, ['additionalHeaders']],
  ['a reserved header', { additionalHeaders: 'webhook-signature: v1,mine' }, ['additionalHeaders']],
  ['conditions that are none', { conditions: { AND: [] } }, ['conditions']],
  ['a short secret', { secret: 'too-short' }, ['secret']],
  ['a certificate that is none', { caCertificate: 'hello' }, ['caCertificate']],
  [
    'a certificate without verification',
    { caCertificate: 'hello', sslVerification: false },
    ['caCertificate'],
  ],
  ['variables with a bad name', { variables: { 'a b': 'x' } }, ['variables']],
  ['a method that does not exist', { method: 'FETCH' }, ['method']],
  ['a field that does not exist', { colour: 'red' } as never, ['colour']],
  [
    'wrong types',
    { enabled: 'yes', timeout: 1, schedule: ['soon'], rateLimit: 0 },
    ['enabled', 'timeout', 'schedule', 'rateLimit'],
  ],
];

describeOn([postgres, mariadb, sqljs, betterSqlite3], 'WebhooksService on $name', (database) => {
  let application: INestApplication;
  let webhooks: WebhooksService;
  let dataSource: DataSource;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const db = await database.create();
    const queue = await redisQueue.create();
    drop = async () => {
      await queue.drop();
      await db.drop();
    };
    application = await startApplication({ database: db.options, queue, webhooks: { worker: false } });
    webhooks = application.get(WebhooksService);
    dataSource = application.get(DataSource);
  });
  afterAll(async () => {
    await application.close();
    await drop();
  });
  beforeEach(() => dataSource.getRepository(Webhook).clear());

  it.each(faults)('refuses %s in one message that names every wrong field', async (_, input, fields) => {
    const refusal = await webhooks.create({ ...GOOD, ...(input as object) }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'WEBHOOKS_WEBHOOK_INVALID' });
    const { fields: named, message } = refusal as { fields: Record<string, string[]>; message: string };
    expect(Object.keys(named).toSorted()).toEqual(fields.toSorted());
    for (const field of fields) expect(message).toContain(field);
    expect(await webhooks.list()).toEqual([]);
  });

  it('fills in the defaults, and shows the generated secret once', async () => {
    const created = await webhooks.create(GOOD);
    expect(created).toMatchObject({
      method: 'POST',
      contentType: 'application/json',
      enabled: true,
      hasSecret: true,
    });
    expect(created.secret).toMatch(/^whsec_/);
    const shown = await webhooks.get(created.id);
    expect(shown).not.toHaveProperty('secret');
    const row = await dataSource.getRepository(Webhook).findOneByOrFail({ id: created.id });
    expect(JSON.stringify([row, shown])).not.toContain(created.secret?.slice(6));
  });

  it('shows the form of a typed secret that verifiers take', async () => {
    const { secret, standardSecret } = await webhooks.create({ ...GOOD, secret: 'a secret that I typed' });
    expect(secret).toBe('a secret that I typed');
    expect(standardSecret).toBe(toStandardSecret('a secret that I typed'));
  });

  it('changes what is named and keeps the rest', async () => {
    const { id } = await webhooks.create({
      ...GOOD,
      conditions: { attr: 'id', value: 1 },
      variables: { TOKEN: 't0ken' },
    });
    const changed = await webhooks.update(id, { url: 'https://example.com/other' });
    expect(changed).toMatchObject({
      name: 'good',
      conditions: { attr: 'id', value: 1 },
      variables: ['TOKEN'],
      revision: 2,
    });
    expect(changed).not.toHaveProperty('secret');
    await expect(webhooks.update(id, { url: 'nowhere' })).rejects.toMatchObject({
      fields: { url: [expect.any(String)] },
    });
    expect(await webhooks.update(id, { conditions: null, variables: null })).toMatchObject({
      conditions: null,
      variables: [],
    });
  });

  it('can be disabled and described though its model is gone, and not enabled', async () => {
    const { id } = await webhooks.create(GOOD);
    await dataSource
      .getRepository(Webhook)
      .update({ id }, { models: ['gone'], caCertificate: 'no certificate' });
    expect(await webhooks.update(id, { enabled: false, description: 'of old' })).toMatchObject({
      enabled: false,
    });
    await expect(webhooks.update(id, { enabled: true })).rejects.toMatchObject({
      fields: { models: [expect.stringContaining('gone')], caCertificate: [expect.any(String)] },
    });
    await expect(webhooks.update(id, { sslVerification: false })).rejects.toMatchObject({
      fields: { caCertificate: expect.any(Array) },
    });
  });

  it('remembers every secret that changes at once replaced', async () => {
    const typed = Array.from({ length: 6 }, (_, index) => `a secret typed ${index}`);
    const { id } = await webhooks.create({ ...GOOD, secret: 'the first of all' });
    const secrets = application.get(WebhookSecretsService);
    await Promise.all(
      typed.map((secret, index) =>
        index % 2 === 0 ? webhooks.update(id, { secret }) : secrets.rotate(id, { secret, overlap: 0 }),
      ),
    );
    const row = await dataSource.getRepository(Webhook).findOneByOrFail({ id });
    expect(row.revision).toBe(7);
    expect(secretValues(application.get(SecretStore), row).values.toSorted()).toEqual(
      [...typed, 'the first of all'].toSorted(),
    );
  });

  it('refuses a name that is taken, and says so for the field', async () => {
    await webhooks.create(GOOD);
    await expect(webhooks.create(GOOD)).rejects.toMatchObject({
      fields: { name: ['name "good" is taken by another webhook'] },
    });
  });

  it('finds nothing under an id that does not exist', async () => {
    const id = '00000000-0000-7000-8000-000000000000';
    for (const call of [() => webhooks.get(id), () => webhooks.update(id, {}), () => webhooks.delete(id)]) {
      await expect(call()).rejects.toMatchObject({ code: 'WEBHOOKS_NOT_FOUND' });
    }
  });
});
