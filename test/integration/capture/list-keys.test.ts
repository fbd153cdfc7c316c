import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Grade, Offer, Price } from '../../fixtures/capture/list-keys.entities.js';
import { postgres } from '../../support/databases.js';

describe.skipIf(!postgres.available)('many-to-many with keys of unusual types', () => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(postgres, { entities: [Grade, Offer, Price] });
    await world.dataSource.getRepository(Grade).insert([{ name: 'low' }, { name: 'high' }]);
    await world.dataSource.getRepository(Price).insert([{ amount: '1.50' }, { amount: '2.00' }]);
    world.install();
  });
  afterAll(() => world.close());

  it('lists them as single values are, before and after', async () => {
    const offers = world.dataSource.getRepository(Offer);
    await offers.save({ grades: [{ name: 'low' }], prices: [{ amount: '1.50' }] });
    await offers.save({ id: 1, grades: [{ name: 'high' }] });
    await offers.delete(1);
    const first = { grades: ['low'], prices: ['1.50'] };
    const second = { grades: ['high'], prices: ['1.50'] };
    expect(await world.events()).toMatchObject([
      { event: 'create', postchange: first },
      { event: 'update', prechange: first, postchange: second, changed: ['grades'] },
      { event: 'delete', prechange: second },
    ]);
  });
});
