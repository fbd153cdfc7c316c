import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type DataSourceOptions } from 'typeorm';
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

  it('tells them apart although the clock of the database was set back', async () => {
    const registry = await start();
    const [one, later] = [
      await createWebhook(dataSource, { models: ['router'], url: 'http://a.example/' }),
      await createWebhook(dataSource, {
        models: ['cable'],
        url: 'http://a.example/',
        updatedAt: new Date(Date.now() + 10_000),
      }),
    ];
    await registry.refresh();
    await dataSource.getRepository(Webhook).delete(one.id);
    await createWebhook(dataSource, {
      // The clock that ids are made by may have been set back as well.
      id: `${one.id.slice(0, -4)}0000`,
      models: ['site'],
      url: 'http://a.example/',
      createdAt: new Date(one.createdAt.getTime() - 5_000),
      updatedAt: new Date(one.createdAt.getTime() - 5_000),
    });
    await registry.refresh();
    expect(['router', 'site', 'cable'].map((model) => registry.listens(model))).toEqual([false, true, true]);
    expect((await registry.current()).map(({ id }) => id)).toContain(later.id);
  });

  it('reads the rows once while nothing changes', async () => {
    const registry = await start();
    for (let count = 0; count < 3; count++) {
      await createWebhook(dataSource, { models: ['router'], url: 'http://a.example/' });
      const read = await registry.current();
      expect(read.length).toBe(count + 1);
      expect(await registry.current()).toBe(read);
    }
  });

  it('reads on the connection of a transaction, whoever waits for one', async () => {
    const { options, drop: dropIt } = await database.create();
    const single = await new DataSource({
      ...options,
      poolSize: 1,
      entities: [...WEBHOOKS_ENTITIES],
      synchronize: true,
    } as DataSourceOptions).initialize();
    const registry = new WebhookRegistry(single, false);
    const webhook = await createWebhook(single, { models: ['router'], url: 'http://a.example/' });
    let background: Promise<void> | undefined;
    const read = await single.transaction(async (manager) => {
      background = registry.refresh();
      return Promise.race([
        registry.current(manager).then((webhooks) => webhooks.map(({ id }) => id)),
        sleep(5_000, 'never', { ref: false }),
      ]);
    });
    await background;
    expect(read).toEqual([webhook.id]);
    await single.destroy();
    await dropIt();
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

describeOn([postgres], 'the registry on $name, whatever else answers', (database) => {
  const closes: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closes.splice(0).toReversed()) await close();
  });

  /** A data source on tables of its own, and their options. */
  async function open(more: object = {}) {
    const { options, drop } = await database.create();
    closes.push(drop);
    const dataSource = await connect({ ...options, ...more, synchronize: true });
    return { dataSource, options };
  }

  async function connect(options: object): Promise<DataSource> {
    const dataSource = await new DataSource({
      entities: [...WEBHOOKS_ENTITIES],
      ...options,
    } as object as DataSourceOptions).initialize();
    closes.push(() => dataSource.destroy());
    return dataSource;
  }

  const values = { models: ['router'], url: 'http://a.example/' };

  it('believes the primary and no replica that is behind', async () => {
    const [primary, replica] = [await open(), await open()];
    const url = ({ options }: { options: DataSourceOptions }) => ({ url: (options as { url: string }).url });
    const host = await connect({
      type: database.name,
      replication: { master: url(primary), slaves: [url(replica)] },
    });
    const registry = new WebhookRegistry(host, false);
    await registry.refresh();
    const { id } = await createWebhook(primary.dataSource, values);
    expect((await registry.current()).map((webhook) => webhook.id)).toEqual([id]);
  });

  it('is not told what a cache of queries remembers', async () => {
    const { dataSource } = await open({ cache: { alwaysEnabled: true, duration: 3_600_000 } });
    const registry = new WebhookRegistry(dataSource, false);
    for (let count = 0; count < 3; count++) {
      expect((await registry.current()).length).toBe(count);
      await createWebhook(dataSource, values);
    }
  });
});
