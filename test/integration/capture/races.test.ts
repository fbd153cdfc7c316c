import type { EntitySubscriberInterface } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
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
