import { afterEach, beforeEach, expect, it } from 'vitest';
import { Country } from '../../fixtures/capture/keys.entities.js';
import { describeOn, mariadb, postgres } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { postgresQueue, redisQueue } from '../../support/queues.js';

const stores = [
  { database: postgres, queue: postgresQueue },
  { database: postgres, queue: redisQueue },
  { database: mariadb, queue: redisQueue },
].map(({ database, queue }) => ({
  name: `${database.name} with its queue in ${queue.name}`,
  available: database.available && queue.available,
  database,
  queue,
}));

describeOn(stores, 'order of an object whose key changes, on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue, {}, { entities: [Country] });
  });
  afterEach(() => world.close());

  it('what happens under the new key waits for what happened under the old one', async () => {
    const refused: string[] = [];
    const arrived: string[] = [];
    world.receiver.answer = ({ body }, response) => {
      const { event, data } = JSON.parse(body) as { event: string; data: Country };
      const what = `${event} ${data.code}`;
      const isRefused = ['create de', 'delete de'].includes(what) && !refused.includes(what);
      (isRefused ? refused : arrived).push(what);
      response.statusCode = isRefused ? 500 : 200;
      response.end();
    };
    await world.define({ models: ['country'], ordered: true, schedule: [0, 600] });
    const countries = world.dataSource.getRepository(Country);
    await countries.save({ code: 'de', name: 'Germany' });
    await countries.update({ code: 'de' }, { code: 'dx' });
    await countries.update({ code: 'dx' }, { name: 'Deutschland' });
    await world.settle(...Array.from({ length: 4 }, () => 'succeeded'));
    expect(refused).toEqual(['create de', 'delete de']);
    expect(arrived).toEqual(['create de', 'delete de', 'create dx', 'update dx']);
  });
});
