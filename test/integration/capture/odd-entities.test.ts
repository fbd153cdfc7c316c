import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { objectStates } from '../../fixtures/capture/object-states.js';
import { ObjectReader, type ReadObject } from '../../../lib/capture/object-reader.js';
import { Keeper, KeeperName, Lazy, Odd, OddFriend } from '../../fixtures/capture/odd.entities.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';

describeOn(
  [postgres, mariadb, sqljs, betterSqlite3],
  'entities with unusual names and columns on $name',
  (database) => {
    let world: CaptureWorld;
    beforeAll(async () => {
      world = await CaptureWorld.open(database, { entities: [Odd, OddFriend, Keeper, KeeperName, Lazy] });
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

    it('an object may refer to itself', async () => {
      const keepers = world.dataSource.getRepository(Keeper);
      await keepers.insert({ id: 1, name: 'k', password: 'p', boss: { id: 1 } });
      await keepers.update(1, { name: 'own boss' });
      const own = { id: 1, name: 'own boss' };
      expect(await world.events()).toMatchObject([
        { event: 'create', data: { id: 1, boss: { id: 1 } }, postchange: { boss: 1 } },
        { event: 'update', data: { ...own, boss: own }, changed: ['name'] },
      ]);
    });

    it('relations that load when they are asked for are told as any other', async () => {
      const keepers = world.dataSource.getRepository(Keeper);
      await keepers.insert([
        { id: 1, name: 'one', password: 'p' },
        { id: 2, name: 'two', password: 'p' },
      ]);
      const lazies = world.dataSource.getRepository(Lazy);
      const [f1, f2] = await world.dataSource
        .getRepository(OddFriend)
        .find({ order: { constructorName: 1 } });
      let preview: ReadObject | undefined;
      const events = await world.eventsOf(async () => {
        await lazies.save(lazies.create({ id: 9, helpers: [f2!] }));
        await lazies.save(lazies.create({ id: 1, keeper: { id: 1 }, next: { id: 9 }, helpers: [f1!] }));
        preview = await new ObjectReader(world.dataSource).read('lazy', '1');
        const lazy = await lazies.findOneByOrFail({ id: 1 });
        lazy.keeper = Promise.resolve(await world.dataSource.getRepository(KeeperName).findOneBy({ id: 2 }));
        lazy.helpers = Promise.resolve([...(await lazy.helpers), f2!]);
        await lazies.save(lazy);
        await lazies.remove(lazy);
      });
      const [one, two] = [
        { id: 1, keeper: 1, next: 9, helpers: ['f1'] },
        { id: 1, keeper: 2, next: 9, helpers: ['f1', 'f2'] },
      ];
      const friends = (names: string[]) => names.map((constructorName) => ({ constructorName }));
      const shown = (name: string, helpers: string[]) => ({
        id: 1,
        keeper: expect.objectContaining({ name }) as unknown,
        next: { id: 9, helpers: friends(['f2']) },
        helpers: friends(helpers),
      });
      const data = events.map((event) => event.data);
      expect(data).toEqual([
        { id: 9, keeper: null, next: null, helpers: friends(['f2']) },
        shown('one', ['f1']),
        shown('two', ['f1', 'f2']),
        shown('two', ['f1', 'f2']),
      ]);
      expect(JSON.parse(preview!.data)).toEqual(shown('one', ['f1']));
      const sample = JSON.parse(new ObjectReader(world.dataSource).sample('lazy').data) as object;
      expect(Object.keys(sample).toSorted()).toEqual(['helpers', 'id', 'keeper', 'next']);
      expect(events.slice(1)).toMatchObject([
        { event: 'create', postchange: one },
        {
          event: 'update',
          prechange: one,
          postchange: two,
          changed: ['keeper', 'helpers'],
        },
        { event: 'delete', prechange: two },
      ]);
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
