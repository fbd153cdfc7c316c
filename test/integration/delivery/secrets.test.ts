import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readDelivery } from '../../../lib/admin/queries/read-delivery.js';
import type { WebhookDelivery } from '../../../lib/model/webhook-delivery.entity.js';
import { WEBHOOKS_ENTITIES } from '../../../lib/model/webhooks-entities.js';
import { createRedactor } from '../../../lib/secrets/redact.js';
import { SecretStore } from '../../../lib/secrets/secret-store.js';
import { WebhookSecretsService } from '../../../lib/webhooks/secrets.service.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres, sqljsAndRedis, betterSqlite3AndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

const stores = [allInPostgres, sqljsAndRedis, betterSqlite3AndRedis];

describeOn(stores, 'secrets of deliveries on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue);
  });
  afterEach(() => world.close());

  it('reach the receiver and are in no record of the attempt, also when it sends them back', async () => {
    const [signing, token] = ['signing secret of this test', 'token-4711-of-this-test'];
    world.receiver.answer = ({ headers }, response) => {
      response.setHeader('x-echo', String(headers['authorization']));
      response.end(`you said ${headers['authorization']} to ${headers['host']}`);
    };
    await world.define({
      secret: signing,
      variables: { TOKEN: token },
      url: `${world.receiver.url}hook?key={{ secrets.TOKEN }}`,
      additionalHeaders: 'Authorization: Bearer {{ secrets.TOKEN }}',
    });
    await commitEvents(world.dataSource, 1);
    await world.settle('succeeded');
    expect(world.receiver.requests[0]).toMatchObject({
      path: `/hook?key=${token}`,
      headers: { authorization: `Bearer ${token}` },
    });
    const [attempt] = await world.attempts();
    expect(attempt?.responseBody).toContain('you said');
    for (const secret of [signing, token]) expect(JSON.stringify(attempt)).not.toContain(secret);
  });

  it.each<[string, string, string]>([
    ['as they are', 'TOKEN={{ secrets.TOKEN }}', 'TOKEN=token-4711-of-this-test'],
    ['taken apart', '{{ secrets.TOKEN[:8] | upper }}', 'TOKEN-47'],
    ['by another name', '{% set all = secrets %}{{ all["TOKEN"] }}', 'token-4711-of-this-test'],
  ])(
    'are in no table, also when the body holds them %s, and retries send the same',
    async (_, bodyTemplate, body) => {
      world.receiver.answer = (_request, response) => {
        response.writeHead(world.receiver.requests.length === 1 ? 500 : 200).end();
      };
      const id = await world.define({
        schedule: [0, 300],
        variables: { TOKEN: 'token-4711-of-this-test' },
        bodyTemplate,
      });
      await commitEvents(world.dataSource, 1);
      await world.receiver.waitForRequests(1);
      await world.webhooks.update(id, { variables: { TOKEN: 'another token' } });
      const [delivery] = await world.settle('succeeded');
      expect(world.receiver.requests.map((request) => request.body)).toEqual([body, body]);
      expect(await everythingStored(world.dataSource)).not.toContain(body);

      const { body: shown } = await readDelivery(
        world.dataSource,
        world.application.get(SecretStore),
        delivery?.id ?? '',
      );
      expect(shown).not.toContain('4711');
      expect(shown).toBe(createRedactor(['token-4711-of-this-test'])(body));
    },
  );

  it.each(['v1.', 'v1.0123abcd.', `v1.0123abcd.${'A'.repeat(40)}`])(
    'are not looked for in a body that reads %s',
    async (body) => {
      world.receiver.answer = (_request, response) => {
        response.writeHead(world.receiver.requests.length === 1 ? 500 : 200).end();
      };
      await world.define({ schedule: [0, 10], bodyTemplate: body });
      await commitEvents(world.dataSource, 1);
      await world.settle('succeeded');
      expect(world.receiver.requests.map((request) => request.body)).toEqual([body, body]);
    },
  );

  it('are masked also when they were replaced before a retry sends its body again', async () => {
    const old = 'token-4711-of-this-test';
    world.receiver.answer = ({ body }, response) => response.writeHead(500).end(`you said ${body}`);
    const id = await world.define({
      schedule: [0],
      variables: { TOKEN: old },
      bodyTemplate: 'TOKEN={{ secrets.TOKEN }}',
    });
    await commitEvents(world.dataSource, 1);
    const [delivery] = await world.settle('failed');
    await world.webhooks.update(id, { variables: { TOKEN: 'another token' } });
    await world.deliveries.retry(delivery?.id ?? '');
    const [, retry] = await waitFor('the retry', async () => {
      const attempts = await world.attempts();
      return attempts.length === 2 && attempts;
    });
    expect(world.receiver.requests[1]?.body).toBe(`TOKEN=${old}`);
    expect(retry?.responseBody).toBe('you said TOKEN=[redacted]');
    const [{ error }] = (await world.all()) as [WebhookDelivery];
    expect(`${retry?.error} ${error}`).not.toContain(old);
  });

  it.each<[string, (secret: string) => string]>([
    ['as it is', (secret) => secret],
    ['in base64', (secret) => Buffer.from(secret).toString('base64')],
    ['in base64 behind a name', (secret) => Buffer.from(`ada:${secret}`).toString('base64')],
    ['percent-encoded', encodeURIComponent],
    ['in JSON', (secret) => JSON.stringify({ secret })],
  ])('are masked when the receiver sends the signing secrets back, %s', async (_, encode) => {
    const [old, current] = ['old/signing "secret"', 'new/signing "secret"'];
    const id = await world.define({ secret: old, schedule: [0] });
    await world.application.get(WebhookSecretsService).rotate(id, { secret: current, overlap: 3_600_000 });
    world.receiver.answer = (_request, response) => {
      response.statusCode = 500;
      response.setHeader('x-echo', `${encode(current)}; ${encode(old)}`);
      response.end(`what is ${encode(old)}? or ${encode(current)}?`);
    };
    await commitEvents(world.dataSource, 1);
    await world.settle('failed');
    const [attempt] = await world.attempts();
    expect(attempt?.responseBody).toContain('what is');
    for (const secret of [old, current]) {
      expect(attempt?.responseBody).not.toContain(encode(secret).slice(2, -2));
      expect(attempt?.responseHeaders?.['x-echo']).not.toContain(encode(secret).slice(2, -2));
    }
  });
});

/** All rows of all tables. */
async function everythingStored(dataSource: DataSource): Promise<string> {
  const tables = await Promise.all(
    WEBHOOKS_ENTITIES.map((entity) => dataSource.getRepository(entity).find()),
  );
  return JSON.stringify(tables);
}
