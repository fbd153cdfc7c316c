import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { objectStates } from '../../fixtures/capture/object-states.js';
import { Odd, OddFriend } from '../../fixtures/capture/odd.entities.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';

describeOn(
  [postgres, mariadb, sqljs, betterSqlite3],
  'entities with unusual names and columns on $name',
  (database) => {
    let world: CaptureWorld;
    beforeAll(async () => {
      world = await CaptureWorld.open(database, { entities: [Odd, OddFriend] });
    });
    beforeEach(async () => {
      world.uninstall();
      await world.reset();
      await world.dataSource
        .getRepository(OddFriend)
        .save([{ constructorName: 'f1' }, { constructorName: 'f2' }]);
      world.install();
    });
    afterAll(() => world.close());

    const odds = () => world.dataSource.getRepository(Odd);
    const given = () =>
      odds().save({ order: 'a', select: 's', size: 2, friends: [{ constructorName: 'f1' }] });

    it.each<[string, () => Promise<unknown>, string[]]>([
      [
        'save()',
        () => odds().save({ id: 1, order: 'b', friends: [{ constructorName: 'f2' }] }),
        ['order', 'friends'],
      ],
      ['update()', () => odds().update({ select: 's' }, { long: 'l', toText: 't' }), ['long', 'toText']],
      ['update() by an expression', () => odds().increment({ id: 1 }, 'size', 1), ['size', 'doubled']],
      [
        'the relation builder',
        () => world.dataSource.createQueryBuilder().relation(Odd, 'friends').of(1).add('f2'),
        ['friends'],
      ],
      ['a deleted friend', () => world.dataSource.getRepository(OddFriend).delete('f1'), ['friends']],
    ])('%s', async (_, write, changed) => {
      await given();
      const before = await objectStates(world);
      const [event] = await world.eventsOf(write);
      const after = await objectStates(world);
      expect(event?.changed.toSorted()).toEqual(changed.toSorted());
      expect(event?.prechange).toEqual(before.get('odd 1')?.snapshot);
      expect(event?.postchange).toEqual(after.get('odd 1')?.snapshot);
    });

    it('insert() and delete()', async () => {
      await odds().insert({ order: 'a' });
      await odds().delete({ order: 'a' });
      const events = (await world.events()).map(({ event, objectId }) => `${event} ${objectId}`);
      expect(events).toEqual(['create 1', 'delete 1']);
    });
  },
);
