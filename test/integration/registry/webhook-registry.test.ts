import { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { WEBHOOKS_ENTITIES } from '../../../lib/model/webhooks-entities.js';
import { WebhookRegistry } from '../../../lib/registry/webhook-registry.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { waitFor } from '../../support/wait-for.js';
import { createWebhook } from '../../support/webhook-rows.js';

describeOn([postgres, mariadb, sqljs, betterSqlite3], 'the registry on $name', (database) => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;
  const registries: WebhookRegistry[] = [];

  beforeEach(async () => {
    const { options, drop: dropIt } = await database.create();
    drop = dropIt;
    dataSource = await new DataSource({
      ...options,
      entities: [...WEBHOOKS_ENTITIES],
      synchronize: true,
    }).initialize();
  });
  afterEach(async () => {
    for (const registry of registries.splice(0)) registry.stop();
    if (dataSource.isInitialized) await dataSource.destroy();
    await drop();
  });

  async function start(always = false): Promise<WebhookRegistry> {
    const registry = new WebhookRegistry(dataSource, always);
    registries.push(registry);
    await registry.start();
    return registry;
  }

  it('counts every model as listened to until it has read the table', async () => {
    const registry = new WebhookRegistry(dataSource, false);
    expect(registry.listens('router')).toBe(true);
    await registry.refresh();
    expect(registry.listens('router')).toBe(false);
  });

  it('sees a change elsewhere within a second, enabled or not', async () => {
    const registry = await start();
    expect(registry.listens('router')).toBe(false);
    const began = performance.now();
    const webhook = await createWebhook(dataSource, {
      models: ['router'],
      url: 'http://a.example/',
      enabled: false,
    });
    await waitFor('the registry to see it', () => registry.listens('router'));
    // Its own clock gives up knowing after a second, so later than that it would listen for another reason.
    expect(performance.now() - began).toBeLessThan(1_000);
    expect((await registry.current()).map(({ id }) => id)).toEqual([webhook.id]);
    await dataSource.getRepository(Webhook).delete(webhook.id);
    await waitFor('the registry to forget it', () => !registry.listens('router'));
  });

  it('tells a webhook that replaced another apart', async () => {
    const registry = await start();
    const one = await createWebhook(dataSource, { models: ['router'], url: 'http://a.example/' });
    await registry.refresh();
    await dataSource.getRepository(Webhook).delete(one.id);
    await new Promise((resolve) => setTimeout(resolve, 2));
    await createWebhook(dataSource, { models: ['site'], url: 'http://a.example/' });
    await registry.refresh();
    expect([registry.listens('router'), registry.listens('site')]).toEqual([false, true]);
  });

  it('counts every model as listened to when it cannot read for more than a second', async () => {
    const registry = await start();
    expect(registry.listens('router')).toBe(false);
    await dataSource.query(`ALTER TABLE webhook RENAME TO webhook_away`);
    await waitFor('the registry to doubt itself', () => registry.listens('router'), 5_000);
    await dataSource.query(`ALTER TABLE webhook_away RENAME TO webhook`);
    await waitFor('the registry to know again', () => !registry.listens('router'), 5_000);
  });

  it('listens to everything when told to', async () => {
    const registry = await start(true);
    expect(registry.listens('router')).toBe(true);
  });
});
