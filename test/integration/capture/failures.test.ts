import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DataSource, UpdateQueryBuilder, type EntitySubscriberInterface } from 'typeorm';
import { SubjectExecutor } from 'typeorm/persistence/SubjectExecutor.js';
import { ChangeCapture } from '../../../lib/capture/change-capture.js';
import { DEFAULT_OPTIONS } from '../../../lib/options/resolve-options.js';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Pair } from '../../fixtures/capture/keys.entities.js';
import { Port, Router, Site, Tag } from '../../fixtures/capture/network.entities.js';
import { codeOf } from '../../support/code-of.js';
import { postgres } from '../../support/databases.js';

describe.skipIf(!postgres.available)('capture that cannot do its part', () => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(postgres);
  });
  beforeEach(async () => {
    world.uninstall();
    await world.reset();
    await world.dataSource
      .getRepository(Pair)
      .insert([1, 2, 3, 4].map((right) => ({ left: 1, right, text: 'a' })));
    world.install();
  });
  afterAll(() => world.close());

  const texts = async () =>
    (await world.dataSource.getRepository(Pair).find({ order: { right: 'ASC' } })).map(({ text }) => text);
  const update = () => world.dataSource.getRepository(Pair).update({ right: 1 }, { text: 'b' });
  const tooMany = () =>
    world.dataSource
      .createQueryBuilder()
      .insert()
      .into(Port, ['name'])
      .valuesFromSelect((select) => select.select('pair.text', 'name').from(Pair, 'pair'));
  const updateAll = () => world.dataSource.getRepository(Pair).updateAll({ text: 'b' });
  const raw = (text: string) => world.dataSource.query(`UPDATE pair SET text = '${text}' WHERE "right" = 1`);
  const unchanged = ['a', 'a', 'a', 'a'];

  /** Runs `meanwhile` before the first statement that matches is sent. */
  const before = (pattern: RegExp, meanwhile: () => void) => {
    const { subscribers } = world.dataSource;
    const subscriber: EntitySubscriberInterface = {
      beforeQuery: ({ query }) => {
        if (!pattern.test(query)) return;
        subscribers.splice(subscribers.indexOf(subscriber), 1);
        meanwhile();
      },
    };
    subscribers.push(subscriber);
  };

  describe('a failing outbox', () => {
    it('aborts the transaction with an error that says so', async () => {
      world.install({}, { writer: { write: () => Promise.reject(new Error('disk full')) } });
      await expect(update()).rejects.toMatchObject({
        name: 'CaptureError',
        code: 'WEBHOOKS_CAPTURE_FAILED',
        message: expect.stringContaining('disk full') as string,
        cause: { message: 'disk full' },
      });
      expect(await texts()).toEqual(unchanged);
    });

    it('passes on what asks for another try as it came', async () => {
      const deadlock = Object.assign(new Error('deadlock'), { driverError: { code: '40P01' } });
      world.install({}, { writer: { write: () => Promise.reject(deadlock) } });
      await expect(update()).rejects.toBe(deadlock);
    });

    it('cannot be got round by committing again', async () => {
      world.install({}, { writer: { write: () => Promise.reject(new Error('disk full')) } });
      const runner = world.dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.manager.update(Pair, { right: 1 }, { text: 'b' });
      await expect(runner.commitTransaction()).rejects.toThrow('disk full');
      await expect(runner.commitTransaction()).rejects.toThrow('disk full');
      await runner.rollbackTransaction();
      await runner.release();
      expect(await texts()).toEqual(unchanged);
    });
  });

  describe('an error that the application swallows', () => {
    it('keeps the transaction from committing when a change went unseen', async () => {
      world.install({ maxRows: 2 });
      const transaction = world.dataSource.transaction(async (manager) => {
        await tooMany()
          .setQueryRunner(manager.queryRunner!)
          .execute()
          .catch(() => undefined);
        await manager.update(Pair, { right: 1 }, { text: 'b' });
      });
      await expect(transaction).rejects.toMatchObject({ code: 'WEBHOOKS_CAPTURE_FAILED' });
      expect(await world.dataSource.getRepository(Port).count()).toBe(0);
      expect(await texts()).toEqual(unchanged);
    });

    it('is forgiven when the savepoint around it is rolled back', async () => {
      world.install({ maxRows: 2 });
      await world.dataSource.transaction(async (manager) => {
        await manager
          .transaction((inner) => tooMany().setQueryRunner(inner.queryRunner!).execute())
          .catch(() => undefined);
        await manager.update(Pair, { right: 1 }, { text: 'b' });
      });
      expect(await texts()).toEqual(['b', 'a', 'a', 'a']);
      expect(await world.events()).toMatchObject([{ event: 'update', objectId: '[1,1]' }]);
      expect(await world.dataSource.getRepository(Port).count()).toBe(0);
    });
  });

  describe('a write that nobody awaits', () => {
    it('keeps the transaction from committing while it runs', async () => {
      let late: Promise<unknown> | undefined;
      const transaction = world.dataSource.transaction(async (manager) => {
        await manager.update(Pair, { right: 1 }, { text: 'b' });
        late = manager.update(Pair, { right: 2 }, { text: 'b' }).catch(() => undefined);
      });
      await expect(transaction).rejects.toMatchObject({
        code: 'WEBHOOKS_CAPTURE_FAILED',
        message: expect.stringContaining('Await every write') as string,
      });
      await late;
      expect(await texts()).toEqual(unchanged);
      expect(await world.events()).toEqual([]);
    });

    it('is noticed when it begins while the events are made', async () => {
      let late: Promise<unknown> | undefined;
      world.install({}, { writer: { write: () => Promise.resolve() } });
      const transaction = world.dataSource.transaction(async (manager) => {
        await manager.update(Pair, { right: 1 }, { text: 'b' });
        await manager.query('SELECT 1');
        before(/^SELECT object/, () => {
          late = manager.update(Pair, { right: 2 }, { text: 'b' }).catch(() => undefined);
        });
      });
      await expect(transaction).rejects.toMatchObject({ code: 'WEBHOOKS_CAPTURE_FAILED' });
      await late;
      expect(await texts()).toEqual(unchanged);
    });
  });

  describe('a statement that changes more than `maxRows` rows', () => {
    it('is refused before it changes anything', async () => {
      world.install({ maxRows: 3 });
      await expect(updateAll()).rejects.toMatchObject({ code: 'WEBHOOKS_CAPTURE_TOO_MANY_ROWS' });
      expect(await texts()).toEqual(unchanged);
    });

    it('is captured without data: `keys`', async () => {
      world.install({ maxRows: 3, overMaxRows: 'keys' });
      const events = await world.eventsOf(updateAll);
      expect(events).toHaveLength(4);
      expect(events[0]).toMatchObject({
        event: 'update',
        objectId: '[1,1]',
        data: { left: 1, right: 1 },
        prechange: null,
        postchange: null,
        changed: ['text'],
      });
      expect(
        (await world.eventsOf(() => world.dataSource.getRepository(Pair).deleteAll())).map(
          ({ event }) => event,
        ),
      ).toEqual(['delete', 'delete', 'delete', 'delete']);
    });

    it('is told of what it shows of objects that are there: `keys`', async () => {
      const routers = world.dataSource.getRepository(Router);
      world.uninstall();
      await routers.insert([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
      await routers.softDelete({ name: 'c' });
      world.install({ maxRows: 1, overMaxRows: 'keys' });
      const events = await world.eventsOf(() =>
        routers.updateAll({ password: 'x', position: { lat: 1, lng: 2, rack: 'r' } }),
      );
      const changed = ['position', 'version', 'updatedAt'];
      expect(events.map(({ objectId, ...event }) => [objectId, event.changed.toSorted()])).toEqual([
        ['1', changed.toSorted()],
        ['2', changed.toSorted()],
      ]);
      const deleted = await world.eventsOf(() => routers.createQueryBuilder().softDelete().execute());
      expect(deleted.map(({ event, objectId }) => `${event} ${objectId}`)).toEqual(['delete 1', 'delete 2']);
      const restored = await world.eventsOf(() => routers.createQueryBuilder().restore().execute());
      expect(restored.map(({ event }) => event)).toEqual(['create', 'create', 'create']);
    });

    it('changes no more than what is told: `keys`', async () => {
      world.install({ maxRows: 1, overMaxRows: 'keys' });
      const sent = await world.statementsOf(updateAll);
      expect(sent.find((sql) => sql.startsWith('UPDATE'))).toMatch(/WHERE .*"left", "right"\) IN/);
    });

    it.each<[string, (world: CaptureWorld) => Promise<unknown>]>([
      ['new keys', () => world.dataSource.getRepository(Pair).updateAll({ left: 5 })],
      ['deletion dates', () => world.dataSource.getRepository(Router).updateAll({ deletedAt: new Date(0) })],
      ['what goes with them', () => world.dataSource.getRepository(Router).deleteAll()],
      ['what refers to untracked ones', () => world.dataSource.getRepository(Site).deleteAll()],
      ['the rows of a join table', () => world.dataSource.getRepository(Tag).deleteAll()],
      [
        'one join table',
        () => world.dataSource.createQueryBuilder().relation(Router, 'tags').of(1).remove([1, 2]),
      ],
    ])('is refused where keys alone would not tell all: %s', async (_, write) => {
      world.uninstall();
      await world.dataSource.getRepository(Site).insert([{ name: 's1' }, { name: 's2' }]);
      await world.dataSource.getRepository(Router).save([
        { name: 'a', siteId: 1, tags: [{ name: 't1' }, { name: 't2' }] },
        { name: 'b', siteId: 2 },
      ]);
      world.install({ maxRows: 1, overMaxRows: 'keys' });
      await expect(write(world)).rejects.toMatchObject({ code: 'WEBHOOKS_CAPTURE_TOO_MANY_ROWS' });
      expect(await world.events()).toEqual([]);
    });

    it.each([
      ['keys', ['port create', 'port create', 'port create', 'port create'], 0],
      ['warn', [], 1],
    ] as const)(
      'is known only when an INSERT from a SELECT has run: `%s`',
      async (overMaxRows, told, warnings) => {
        world.install({ maxRows: 3, overMaxRows });
        const events = await world.eventsOf(() => tooMany().execute());
        expect(events.map(({ model, event }) => `${model} ${event}`)).toEqual(told);
        expect(events.every(({ postchange }) => postchange === null)).toBe(true);
        expect(world.warnings).toHaveLength(warnings);
      },
    );

    it('passes with a warning: `warn`', async () => {
      world.install({ maxRows: 3, overMaxRows: 'warn' });
      expect(await world.eventsOf(updateAll)).toEqual([]);
      expect(await texts()).toEqual(['b', 'b', 'b', 'b']);
      expect(world.warnings).toEqual([
        expect.stringMatching(/more than 3 rows of Pair: it passes without events/),
      ]);
    });

    it('counts what the database deletes along with it', async () => {
      world.uninstall();
      await world.dataSource
        .getRepository(Router)
        .save({ name: 'r', ports: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] });
      world.install({ maxRows: 2 });
      await expect(world.dataSource.getRepository(Router).delete(1)).rejects.toMatchObject({
        code: 'WEBHOOKS_CAPTURE_TOO_MANY_ROWS',
      });
      world.install({ maxRows: 2, overMaxRows: 'keys' });
      const events = await world.eventsOf(() => world.dataSource.getRepository(Router).delete(1));
      expect(events.map(({ model, event }) => `${model} ${event}`)).toEqual([
        'router delete',
        'port delete',
        'port delete',
        'port delete',
      ]);
    });
  });

  describe('a write that cannot be captured', () => {
    it('is refused before it runs: `refuse`', async () => {
      world.install({ uncaptured: 'refuse' });
      await expect(raw('b')).rejects.toMatchObject({ code: 'WEBHOOKS_WRITE_UNCAPTURED' });
      await expect(world.dataSource.getRepository(Pair).clear()).rejects.toMatchObject({
        code: 'WEBHOOKS_WRITE_UNCAPTURED',
      });
      expect(await texts()).toEqual(unchanged);
    });

    it('is logged once, whatever its values: `warn`', async () => {
      await raw('b');
      await raw('c');
      expect(world.warnings).toHaveLength(1);
    });

    it.each([
      ['with a common table expression', `WITH gone AS (DELETE FROM "pair" RETURNING *) SELECT * FROM gone`],
      ['with a comment before it', '/* by hand */ update only public.pair set text = $$x$$'],
      ['of a join table', 'INSERT INTO router_tags_tag SELECT 1, 1 WHERE false'],
    ])('is noticed %s', async (_, sql) => {
      await world.dataSource.query(sql);
      expect(world.warnings).toHaveLength(1);
    });

    it.each([
      ['reads', 'SELECT * FROM pair FOR UPDATE'],
      ['only names the table in a text', `INSERT INTO site (name) VALUES ('update pair set x')`],
      ['writes another table', `INSERT INTO site (name) VALUES ('x')`],
    ])('is not one that %s', async (_, sql) => {
      await world.dataSource.query(sql);
      expect(world.warnings).toEqual([]);
    });
  });

  it('rolls back what is open on a runner that is released', async () => {
    const runner = world.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.update(Pair, { right: 1 }, { text: 'b' });
    await runner.release();
    expect(world.warnings).toEqual([expect.stringContaining('released with an open transaction')]);
    await update();
    expect(await world.events()).toMatchObject([{ prechange: { text: 'a' }, postchange: { text: 'b' } }]);
  });

  it('leaves TypeORM as it was when it is uninstalled', async () => {
    const execute = UpdateQueryBuilder.prototype.execute;
    world.uninstall();
    expect(UpdateQueryBuilder.prototype.execute).not.toBe(execute);
    expect(Object.hasOwn(world.dataSource, 'createQueryRunner')).toBe(false);
    expect(await world.eventsOf(update)).toEqual([]);
  });

  it.each(['before', 'after'])('leaves what others put around the data source %s it', async (when) => {
    const { dataSource } = world;
    world.uninstall();
    if (when === 'after') world.install();
    const create = dataSource.createQueryRunner.bind(dataSource);
    const theirs: typeof create = (mode) => create(mode);
    dataSource.createQueryRunner = theirs;
    if (when === 'before') world.install();
    try {
      expect(await world.eventsOf(update)).toHaveLength(1);
      world.uninstall();
      expect(dataSource.createQueryRunner).toBe(theirs);
      expect(await world.eventsOf(update)).toEqual([]);
    } finally {
      Reflect.deleteProperty(dataSource, 'createQueryRunner');
    }
  });

  describe('the self-check', () => {
    it('refuses a data source of another copy of TypeORM', () => {
      world.uninstall();
      const foreign = Object.create(
        Object.prototype,
        Object.getOwnPropertyDescriptors(world.dataSource),
      ) as DataSource;
      expect(install(foreign)).toBe('WEBHOOKS_TYPEORM_UNSUPPORTED');
    });

    it('refuses a version without what it relies on', () => {
      world.uninstall();
      const holder = SubjectExecutor.prototype as unknown as Record<string, unknown>;
      const method = holder['executeInsertOperations'];
      delete holder['executeInsertOperations'];
      try {
        expect(install(world.dataSource)).toBe('WEBHOOKS_TYPEORM_UNSUPPORTED');
      } finally {
        holder['executeInsertOperations'] = method;
      }
      expect(install(world.dataSource)).toBeNull();
    });
  });
});

/** The code with which capture refuses a data source, if it does. */
const install = (dataSource: DataSource) =>
  codeOf(() =>
    new ChangeCapture(dataSource, {
      registry: { listens: () => true },
      writer: { write: () => Promise.resolve() },
      signal: { notify: () => undefined },
      options: DEFAULT_OPTIONS.capture,
    }).install(),
  );
