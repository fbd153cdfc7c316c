import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { mariadbAndRedis, postgresAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

/** What is written of them together is more than a server takes in one packet, which is 16 MB for MariaDB. */
describeOn([mariadbAndRedis, postgresAndRedis], 'many large bodies on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue);
  });
  afterEach(() => world.close());

  const commitLarge = async (count: number, characters: number) => {
    const data = JSON.stringify({ text: 'x'.repeat(characters) });
    for (let index = 0; index < count; index++) await commitEvents(world.dataSource, 1, { data });
  };
  const allSent = (count: number) =>
    waitFor(
      'all to be sent',
      async () => (await world.all()).filter(({ status }) => status === 'succeeded').length === count,
      25_000,
    );

  it('are fixed before they are sent', async () => {
    const id = await world.define({ enabled: false, bodyTemplate: '{{ data.text }}' });
    await commitLarge(60, 400_000);
    await waitFor('deliveries', async () => (await world.all()).length === 60);
    await world.webhooks.update(id, { enabled: true });
    await allSent(60);
    expect(world.receiver.requests).toHaveLength(60);
  });

  it('are recorded when they were sent, and not sent again', async () => {
    const answers: ServerResponse[] = [];
    world.receiver.answer = (_, response) => void answers.push(response);
    for (let index = 0; index < 5; index++) await world.define();
    await commitLarge(10, 800_000);
    await waitFor('them to be on their way', () => answers.length >= 45);
    world.receiver.answer = (_, response) => response.end();
    for (const response of answers) response.end();
    await allSent(50);
    expect(world.receiver.requests).toHaveLength(50);
  });
});
