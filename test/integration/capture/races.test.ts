import { Column, Entity, PrimaryColumn, type EntitySubscriberInterface } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { WebhookEntity } from '../../../lib/tracking/webhook-entity.decorator.js';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Pair } from '../../fixtures/capture/keys.entities.js';
import { Router, Tag } from '../../fixtures/capture/network.entities.js';
import { describeOn, mariadb, postgres } from '../../support/databases.js';

/** A statement cannot name its rows: JavaScript knows less of such a key than the database. */
@Entity()
@WebhookEntity()
class Moment {
  @PrimaryColumn({ type: 'timestamp', precision: 3 }) at!: Date;
  @Column({ type: 'int' }) value!: number;
}

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

describeOn(
  [postgres, mariadb],
  'what another transaction commits in the middle of a statement on $name',
  (database) => {
    let world: CaptureWorld;
    beforeAll(async () => {
      const isolation =
        database.name === 'postgres' ? {} : { type: 'mysql' as const, isolationLevel: 'READ COMMITTED' };
      world = await CaptureWorld.open(database, { entities: [Moment], ...isolation });
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

    it('a row that begins to match a statement which cannot name its rows is not changed unseen', async () => {
      const moments = world.dataSource.getRepository(Moment);
      await moments.insert({ at: at(1), value: 1 });
      world.install();
      before(/^DELETE FROM .?moment/, () => moments.insert({ at: at(2), value: 1 }));
      await expect(moments.delete({ value: 1 })).rejects.toMatchObject({
        code: 'WEBHOOKS_CAPTURE_FAILED',
        message: expect.stringContaining('Run the transaction again.') as string,
      });
      await moments.delete({ value: 1 });
      expect((await world.events()).map(({ event, prechange }) => [event, prechange?.['at']])).toEqual([
        ['create', undefined],
        ['delete', at(1).toISOString()],
        ['delete', at(2).toISOString()],
      ]);
    });

    it('but what a hook of the same transaction makes match is told by the hook', async () => {
      const moments = world.dataSource.getRepository(Moment);
      await moments.insert({ at: at(1), value: 1 });
      world.install();
      world.dataSource.subscribers.push({
        listenTo: () => Moment,
        beforeRemove: async ({ manager }) => {
          world.dataSource.subscribers.length = 0;
          await manager.insert(Moment, { at: at(2), value: 1 });
        },
      });
      await moments.createQueryBuilder().delete().where({ value: 1 }).execute();
      expect((await world.events()).map(({ event, prechange }) => [event, prechange?.['at']])).toEqual([
        ['delete', at(1).toISOString()],
      ]);
    });

    it('nor does the transaction commit that goes on after such a statement', async () => {
      const moments = world.dataSource.getRepository(Moment);
      await moments.insert({ at: at(1), value: 1 });
      world.install();
      before(/^DELETE FROM .?moment/, () => moments.insert({ at: at(2), value: 1 }));
      const transaction = world.dataSource.transaction(async (manager) => {
        await manager.delete(Moment, { value: 1 }).catch(() => undefined);
      });
      await expect(transaction).rejects.toMatchObject({ code: 'WEBHOOKS_CAPTURE_FAILED' });
      expect(await moments.count()).toBe(2);
    });
  },
);
