import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { WebhookRegistry } from '../../../lib/registry/webhook-registry.js';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Pair } from '../../fixtures/capture/keys.entities.js';
import { postgres } from '../../support/databases.js';
import { createWebhook } from '../../support/webhook-rows.js';
import { waitFor } from '../../support/wait-for.js';

describe.skipIf(!postgres.available)('capture and the registry of webhooks', () => {
  let world: CaptureWorld;
  let registry: WebhookRegistry;
  beforeEach(async () => {
    world = await CaptureWorld.open(postgres, { entities: [Webhook] });
  });
  afterEach(async () => {
    registry.stop();
    await world.close();
  });

  const start = async (always = false) => {
    registry = new WebhookRegistry(world.dataSource, always);
    await registry.start();
    world.install({}, { registry });
  };
  let right = 0;
  const write = () =>
    world.dataSource.getRepository(Pair).insert({ left: 1, right: (right += 1), text: 'a' });
  const webhook = (enabled: boolean) =>
    createWebhook(world.dataSource, { models: ['pair'], url: 'http://127.0.0.1/', enabled });

  it('captures nothing while there is no webhook', async () => {
    await start();
    await write();
    expect(await world.events()).toEqual([]);
  });

  it('captures at once in the process that created a webhook and refreshed', async () => {
    await start();
    await webhook(true);
    await registry.refresh();
    await write();
    expect(await world.events()).toHaveLength(1);
  });

  it('captures within a second in a process that was not told', async () => {
    await start();
    await webhook(true);
    await waitFor('the refresh', () => registry.listens('pair'), 1_500);
    await write();
    expect(await world.events()).toHaveLength(1);
  });

  it('captures for a webhook that is not enabled', async () => {
    await webhook(false);
    await start();
    await write();
    expect(await world.events()).toHaveLength(1);
  });

  it('captures everything when the webhooks cannot be read', async () => {
    await start();
    await world.dataSource.query('ALTER TABLE webhook RENAME TO elsewhere');
    await waitFor('the registry to grow old', () => registry.listens('pair'), 3_000);
    await write();
    expect(await world.events()).toHaveLength(1);
  });

  it('captures everything with `always`', async () => {
    await start(true);
    await write();
    expect(await world.events()).toHaveLength(1);
  });
});
