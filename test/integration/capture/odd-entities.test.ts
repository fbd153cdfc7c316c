import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { objectStates } from '../../fixtures/capture/object-states.js';
import { Keeper, KeeperName, Odd, OddFriend } from '../../fixtures/capture/odd.entities.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';

describeOn(
  [postgres, mariadb, sqljs, betterSqlite3],
  'entities with unusual names and columns on $name',
  (database) => {
    let world: CaptureWorld;
    beforeAll(async () => {
      world = await CaptureWorld.open(database, { entities: [Odd, OddFriend, Keeper, KeeperName] });
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

    it('hidden values that an entity copies when it is loaded stay inside', async () => {
      const keepers = world.dataSource.getRepository(Keeper);
      await keepers.insert({ id: 1, name: 'boss', password: 'hunter1' });
      await keepers.insert({ id: 2, name: 'k', password: 'hunter2', boss: { id: 1 } });
      await keepers.update(2, { name: 'keeper' });
      await keepers.delete(2);
      const events = await world.events();
      expect(events.map(({ event }) => event)).toEqual(['create', 'create', 'update', 'delete']);
      expect(events.at(-1)?.data).toMatchObject({ name: 'keeper', boss: { name: 'boss' } });
      expect(JSON.stringify(events)).not.toContain('hunter');
    });

    it('what is written through another entity of the table is said, when the application starts and when it is', async () => {
      const said = /KeeperName has a table of the tracked entity Keeper .*Write through Keeper/;
      await world.install().learnConstraints();
      expect(world.warnings).toEqual([expect.stringMatching(said)]);
      await expect(world.install({ uncaptured: 'refuse' }).learnConstraints()).rejects.toThrow(said);
      const names = world.dataSource.getRepository(KeeperName);
      await expect(names.save({ id: 9, name: 'n' })).rejects.toMatchObject({
        code: 'WEBHOOKS_WRITE_UNCAPTURED',
      });
    });

    it('insert() and delete()', async () => {
      await odds().insert({ order: 'a' });
      await odds().delete({ order: 'a' });
      const events = (await world.events()).map(({ event, objectId }) => `${event} ${objectId}`);
      expect(events).toEqual(['create 1', 'delete 1']);
    });
  },
);
