import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { objectStates } from '../../fixtures/capture/object-states.js';
import { Box, Item, PlainItem } from '../../fixtures/capture/schema.entities.js';
import { describeOn, postgres } from '../../support/databases.js';

describeOn([postgres], 'entities in a schema of their own on $name', (database) => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(database, { entities: [PlainItem, Box, Item], schemas: ['depot'] });
  });
  beforeEach(async () => {
    world.uninstall();
    await world.reset();
    const { manager } = world.dataSource;
    await manager.insert(Box, [{ id: 1 }, { id: 2 }]);
    await manager.save(Item, { id: 1, box: { id: 1 }, formerBoxes: [{ id: 2 }] });
    await manager.insert(PlainItem, { id: 1 });
    world.install();
  });
  afterAll(() => world.close());

  const manager = () => world.dataSource.manager;

  it.each<[string, () => Promise<unknown>, string[]]>([
    ['save()', () => manager().save(Item, { id: 1, size: 2 }), ['update item 1: size']],
    ['update()', () => manager().update(Item, { size: 0 }, { size: 3 }), ['update item 1: size']],
    [
      'upsert()',
      () => manager().upsert(Item, [{ id: 1, size: 4 }, { id: 2 }], ['id']),
      ['update item 1: size', 'create item 2: box,formerBoxes,id,size'],
    ],
    [
      'the relation builder',
      () => world.dataSource.createQueryBuilder().relation(Item, 'formerBoxes').of(1).add(1),
      ['update item 1: formerBoxes'],
    ],
    [
      'a cascade of the database',
      () => manager().delete(Box, 1),
      ['delete box 1: id,size', 'delete item 1: box,formerBoxes,id,size'],
    ],
    ['the table of the same name', () => manager().delete(PlainItem, 1), ['delete plain item 1: id,size']],
  ])('%s', async (_, write, expected) => {
    const before = await objectStates(world);
    const events = await world.eventsOf(write);
    const after = await objectStates(world);
    const seen = events.map(
      ({ event, model, objectId, changed }) => `${event} ${model} ${objectId}: ${changed.toSorted().join()}`,
    );
    expect(seen.toSorted()).toEqual(expected.toSorted());
    for (const { model, objectId, prechange, postchange } of events) {
      expect(prechange).toEqual(before.get(`${model} ${objectId}`)?.snapshot ?? null);
      expect(postchange).toEqual(after.get(`${model} ${objectId}`)?.snapshot ?? null);
    }
  });

  it('raw SQL is told apart by the schema', async () => {
    await world.dataSource.query('UPDATE "depot"."item" SET "size" = 5');
    expect(world.warnings).toEqual([expect.stringContaining('item')]);
    world.warnings.length = 0;
    await world.dataSource.query('CREATE TABLE IF NOT EXISTS "public"."box" (id int)');
    await world.dataSource.query('INSERT INTO "public"."box" VALUES (1)');
    expect(world.warnings).toEqual([]);
  });
});
