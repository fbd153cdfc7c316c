import { setTimeout as delay } from 'node:timers/promises';
import type { EntityTarget, ObjectLiteral } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebhooksContext } from '../../../lib/context/webhooks-context.js';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Pair } from '../../fixtures/capture/keys.entities.js';
import { Port, Router, Site } from '../../fixtures/capture/network.entities.js';
import { Member, Report, Ticket } from '../../fixtures/capture/special.entities.js';
import { postgres } from '../../support/databases.js';

describe.skipIf(!postgres.available)('captured changes', () => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(postgres, { entities: [Ticket, Report, Member] });
  });
  beforeEach(async () => {
    world.uninstall();
    world.listensToAll = true;
    world.listening.clear();
    await world.reset();
    world.install();
  });
  afterAll(() => world.close());

  const repository = <Entity extends object>(entity: new () => Entity) =>
    world.dataSource.getRepository(entity);

  const fromSelect = (target: EntityTarget<ObjectLiteral>, columns: string[]) => {
    const query = world.dataSource.createQueryBuilder().insert().into(target, columns);
    return query.valuesFromSelect((select) => select.select('pair.left', 'a').from(Pair, 'pair'));
  };
  const silent = () =>
    WebhooksContext.run({ silent: true }, () => repository(Pair).save({ left: 1, right: 1, text: 'a' }));

  describe('what is captured', () => {
    it('is nothing in a silent context', async () => {
      const statements = await world.statementsOf(silent);
      expect(await world.events()).toEqual([]);
      expect(statements).toHaveLength(4);
    });

    it('is what the models are that somebody listens to', async () => {
      world.listensToAll = false;
      world.listening.add('port');
      await world.dataSource.transaction(async (manager) => {
        await manager.save(Router, { name: 'r', ports: [{ name: 'p' }] });
        await manager.insert(Pair, { left: 1, right: 1, text: 'a' });
      });
      expect((await world.events()).map(({ model }) => model)).toEqual(['port']);
    });

    it('is only the events that the entity names', async () => {
      const ticket = await repository(Ticket).save({ title: 'a' });
      await repository(Ticket).save({ id: ticket.id, title: 'b' });
      await repository(Ticket).delete(ticket.id);
      expect((await world.events()).map(({ event }) => event)).toEqual(['create']);
    });

    it('is no change of hidden properties alone', async () => {
      const member = await repository(Member).save({ name: 'ada', token: 'one' });
      expect(await world.eventsOf(() => repository(Member).update(member.id, { token: 'two' }))).toEqual([]);
    });
  });

  describe('who made a change', () => {
    it('comes from the context of the commit', async () => {
      await WebhooksContext.run({ username: 'ada', requestId: 'r-1' }, () =>
        repository(Pair).save({ left: 1, right: 1, text: 'a' }),
      );
      expect(await world.events()).toMatchObject([{ username: 'ada', requestId: 'r-1' }]);
    });

    it('comes from the first touch when the commit has no context', async () => {
      const runner = world.dataSource.createQueryRunner();
      await runner.startTransaction();
      await WebhooksContext.run({ username: 'ada', requestId: 'r-1' }, () =>
        runner.manager.save(Pair, { left: 1, right: 1, text: 'a' }),
      );
      await runner.commitTransaction();
      await runner.release();
      expect(await world.events()).toMatchObject([{ username: 'ada', requestId: 'r-1' }]);
    });
  });

  describe('data', () => {
    it('is what `serialize` makes of the entity with its relations, without what is hidden in them', async () => {
      const site = await repository(Site).save({ name: 'Berlin', alarmCode: '0000' });
      await repository(Report).save({ title: 'June', site });
      expect(await world.events()).toMatchObject([
        { model: 'monthly-report', data: { name: 'June', place: 'Berlin', code: 'none' } },
      ]);
    });

    it("follows class-transformer's rules and the entity's listeners", async () => {
      await repository(Member).insert({ name: 'ada', notes: 'x', token: 'y' });
      const [event] = await world.events();
      expect(event?.data).toEqual({ id: 1, name: 'ada', greeting: 'Hello ada', loaded: true });
      expect(event?.postchange).toEqual({ id: 1, name: 'ada', notes: 'x' });
    });

    it('loads declared relations once, whatever the number of objects', async () => {
      await repository(Site).insert({ name: 'Berlin' });
      const save = (count: number) => () =>
        repository(Report).insert(
          Array.from({ length: count }, (_, index) => ({ title: `t${index}`, site: { id: 1 } })),
        );
      const one = await world.statementsOf(save(1));
      const many = await world.statementsOf(save(50));
      expect(many).toHaveLength(one.length);
    });

    it('keeps the relations of what a cascade deletes, as they were before', async () => {
      await repository(Site).insert({ name: 'Berlin' });
      await repository(Router).save({ name: 'r', siteId: 1, ports: [{ name: 'p' }] });
      const events = await world.eventsOf(() =>
        world.dataSource.transaction(async (manager) => {
          await manager.delete(Router, 1);
          await manager.delete(Site, 1);
        }),
      );
      expect(events.map(({ model, event }) => `${model} ${event}`)).toEqual(['router delete', 'port delete']);
      expect(events[0]?.data).toMatchObject({ site: { id: 1, name: 'Berlin' } });
    });

    it('names the entity and the id when the serializer throws, and nothing is committed', async () => {
      const save = repository(Report).save({ title: 'unspeakable' });
      await expect(save).rejects.toMatchObject({
        code: 'WEBHOOKS_SERIALIZER_FAILED',
        message: expect.stringMatching(/^Report 1 cannot be serialised.*no words/) as string,
      });
      expect(await repository(Report).count()).toBe(0);
    });
  });

  describe('concurrency', () => {
    it('leaves alone a row that begins to match while the statement waits', async () => {
      await repository(Port).insert([{ name: 'a' }, { name: 'b' }]);
      const runner = world.dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.manager.update(Port, 1, { name: 'locked' });
      const update = repository(Port).update({ name: 'a' }, { name: 'c' });
      await delay(100);
      await runner.manager.update(Port, 1, { name: 'a' });
      await repository(Port).update(2, { name: 'a' });
      await runner.commitTransaction();
      await runner.release();
      await update;
      const chains = (await world.events()).filter(({ objectId }) => objectId === '2');
      const state = await repository(Port).findOneByOrFail({ id: 2 });
      expect(chains.at(-1)?.postchange).toMatchObject({ name: state.name });
    });

    it('forgets what a rolled back savepoint had touched, since others may change it by then', async () => {
      await repository(Port).insert({ name: 'a' });
      const events = await world.eventsOf(() =>
        world.dataSource.transaction(async (manager) => {
          const undone = manager.transaction(async (inner) => {
            await inner.update(Port, 1, { name: 'undone' });
            throw new Error('undo');
          });
          await expect(undone).rejects.toThrow('undo');
          await repository(Port).update(1, { name: 'of another' });
        }),
      );
      expect(events.map(({ prechange, postchange }) => [prechange?.['name'], postchange?.['name']])).toEqual([
        ['a', 'of another'],
      ]);
    });

    it('tries an upsert again that met a row inserted in the same instant', async () => {
      const pair = { left: 1, right: 1 };
      const runner = world.dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.manager.insert(Pair, { ...pair, text: 'first' });
      const upsert = repository(Pair).upsert({ ...pair, text: 'second' }, ['left', 'right']);
      await delay(100);
      await runner.commitTransaction();
      await runner.release();
      await upsert;
      const events = await world.events();
      expect(events.map(({ event, prechange }) => [event, prechange?.['text']])).toEqual([
        ['create', undefined],
        ['update', 'first'],
      ]);
    });
  });

  it('finds the rows that match by then when a query builder is executed again', async () => {
    await repository(Port).insert([{ name: 'a' }, { name: 'b' }]);
    const query = world.dataSource.createQueryBuilder().update(Port).set({ name: 'c' }).where({ name: 'a' });
    await query.execute();
    await repository(Port).update(2, { name: 'a' });
    const events = await world.eventsOf(() => query.execute());
    expect(events.map(({ objectId, event }) => `${event} ${objectId}`)).toEqual(['update 2']);
  });

  it.each([
    [
      'that updates what is there',
      () => fromSelect(Pair, ['left', 'right', 'text']).orUpdate(['text'], ['left', 'right']),
    ],
    ['into a join table', () => fromSelect('router_tags_tag', ['routerId', 'tagId'])],
  ])('refuses an insert from a select %s', async (_, query) => {
    await expect(query().execute()).rejects.toMatchObject({ code: 'WEBHOOKS_WRITE_UNCAPTURED' });
  });

  it('signals once after the commit, and not for what makes no events', async () => {
    await world.dataSource.transaction(async (manager) => {
      await manager.insert(Pair, { left: 1, right: 1, text: 'a' });
      await manager.insert(Pair, { left: 1, right: 2, text: 'a' });
      expect(world.signals).toBe(0);
    });
    expect(world.signals).toBe(1);
    await repository(Pair).update({ left: 1 }, { text: 'a' });
    await repository(Site).insert({ name: 'x' });
    expect(world.signals).toBe(1);
  });
});
