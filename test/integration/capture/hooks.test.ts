import { isDeepStrictEqual as isEqual } from 'node:util';
import type { EntitySubscriberInterface } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Pair } from '../../fixtures/capture/keys.entities.js';
import { Port, Router } from '../../fixtures/capture/network.entities.js';
import { describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';

describeOn([postgres, mariadb, sqljs], "the application's own hooks on $name", (database) => {
  let world: CaptureWorld;
  const hooks: EntitySubscriberInterface = {};
  const pairs = () => world.dataSource.getRepository(Pair);
  const texts = async () => (await pairs().find({ order: { right: 'ASC' } })).map(({ text }) => text);
  beforeAll(async () => {
    world = await CaptureWorld.open(database);
    world.dataSource.subscribers.push(hooks);
  });
  beforeEach(async () => {
    world.uninstall();
    await world.reset();
    await pairs().insert([1, 2].map((right) => ({ left: 1, right, text: 'a' })));
    await world.install().learnConstraints();
  });
  afterEach(() => {
    for (const name of Object.keys(hooks)) delete hooks[name as keyof typeof hooks];
  });
  afterAll(() => world.close());

  it('set values that are in the event', async () => {
    await world.dataSource.getRepository(Router).insert({ name: 'r1' });
    const ports = world.dataSource.getRepository(Port);
    await ports.insert({ name: 'p1' });
    hooks.beforeUpdate = ({ entity }) => void Object.assign(entity!, { router: { id: 1 } });
    const events = await world.eventsOf(() => ports.update(1, { name: 'p2' }));
    expect(events).toMatchObject([{ postchange: { name: 'p2', router: 1 }, changed: ['name', 'router'] }]);
  });

  const fail = () => {
    throw new Error('from a hook');
  };
  const WRITES = [
    ['afterInsert', 'insert', () => ({ left: 2, right: 2, text: 'new' })],
    ['afterUpdate', 'update', () => ({ text: 'b' })],
  ] as const;

  it.each(WRITES)(
    '%s that throws, and is not listened to, commits nothing unseen',
    async (hook, kind, values) => {
      hooks[hook] = fail;
      const before = await texts();
      const committed = await world.dataSource
        .transaction(async (manager) => {
          const write =
            kind === 'insert' ? manager.insert(Pair, values()) : manager.update(Pair, { right: 1 }, values());
          await expect(write).rejects.toThrow('from a hook');
        })
        .then(
          () => true,
          (error: { code?: string }) => {
            expect(error.code).toBe('WEBHOOKS_CAPTURE_FAILED');
            return false;
          },
        );
      const events = await world.events();
      expect(events.map(({ event }) => event)).toEqual(
        committed ? [kind === 'insert' ? 'create' : 'update'] : [],
      );
      expect(isEqual(await texts(), before)).toBe(!committed);
    },
  );

  it.each(['beforeInsert', 'beforeUpdate'] as const)(
    '%s that throws leaves a transaction that can commit',
    async (hook) => {
      hooks[hook] = fail;
      await world.dataSource.transaction(async (manager) => {
        await manager.insert(Pair, { left: 3, right: 3, text: 'x' }).catch(() => undefined);
        await manager.update(Pair, { right: 1 }, { text: 'b' }).catch(() => undefined);
        await manager.delete(Pair, { right: 2 });
      });
      expect((await world.events()).map(({ event }) => event)).toContain('delete');
    },
  );
});
