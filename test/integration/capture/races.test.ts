import type { EntitySubscriberInterface } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Pair } from '../../fixtures/capture/keys.entities.js';
import { Router, Tag } from '../../fixtures/capture/network.entities.js';
import { describeOn, mariadb, postgres } from '../../support/databases.js';

describeOn(
  [postgres, mariadb],
  'what another transaction commits in the middle of a statement on $name',
  (database) => {
    let world: CaptureWorld;
    beforeAll(async () => {
      const isolation = database.name === 'postgres' ? {} : { isolationLevel: 'READ COMMITTED' };
      world = await CaptureWorld.open(database, isolation);
    });
    beforeEach(async () => {
      world.uninstall();
      await world.reset();
    });
    afterAll(() => world.close());

    /** Runs `meanwhile` before the first statement that matches is sent. */
    const before = (pattern: RegExp, meanwhile: () => Promise<unknown>) => {
      const { subscribers } = world.dataSource;
      const subscriber: EntitySubscriberInterface = {
        beforeQuery: ({ query }) => {
          if (!pattern.test(query)) return;
          subscribers.splice(subscribers.indexOf(subscriber), 1);
          return meanwhile();
        },
      };
      subscribers.push(subscriber);
    };

    it('a row that an upsert meets is changed as it was found, where the database tells', async () => {
      const pairs = world.dataSource.getRepository(Pair);
      world.install();
      before(/^INSERT INTO .?pair/, () => pairs.insert({ left: 1, right: 1, text: 'first' }));
      await pairs.upsert({ left: 1, right: 1, text: 'second' }, ['left', 'right']);
      const events = (await world.events()).map(({ event, prechange }) => [event, prechange?.['text']]);
      expect(events).toEqual([
        ['create', undefined],
        // As documented: without gap locks MySQL does not say whose row it is.
        database.name === 'postgres' ? ['update', 'first'] : ['create', undefined],
      ]);
    });

    it('a row of a join table is not removed unseen', async () => {
      const routers = world.dataSource.getRepository(Router);
      await world.dataSource.getRepository(Tag).save({ name: 't1' });
      await routers.save({ name: 'r1' });
      world.install();
      const tags = () => world.dataSource.createQueryBuilder().relation(Router, 'tags').of(1);
      before(/^DELETE FROM .?router_tags/, () => tags().add(1));
      await tags().remove(1);
      const { tags: there = [] } = await routers.findOneOrFail({
        where: { id: 1 },
        relations: { tags: true },
      });
      const last = (await world.events()).at(-1);
      expect(last?.postchange).toMatchObject({ tags: there.map(({ id }) => id) });
    });
  },
);
