import { afterEach, beforeEach, expect, it } from 'vitest';
import { Country } from '../../fixtures/capture/keys.entities.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { allInPostgres, mariadbAndRedis, postgresAndRedis } from '../../support/stores.js';

const stores = [allInPostgres, postgresAndRedis, mariadbAndRedis];

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
