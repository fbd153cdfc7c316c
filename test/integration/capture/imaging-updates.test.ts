import type { EntityManager } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Asset, Gauge, Owner } from '../../fixtures/capture/imaging.entities.js';
import { describeOn, otherPostgres, postgres } from '../../support/databases.js';
import { waitFor } from '../../support/wait-for.js';

const SCHEMA = [
  'ALTER TABLE asset DROP COLUMN label',
  `ALTER TABLE asset ADD COLUMN label varchar(200) GENERATED ALWAYS AS (name || '!') STORED`,
  `CREATE FUNCTION double() RETURNS trigger LANGUAGE plpgsql AS
     'BEGIN UPDATE gauge SET doubled = 2 * NEW.value WHERE id = NEW.id; RETURN NULL; END'`,
  'CREATE TRIGGER doubles AFTER UPDATE OF value ON gauge FOR EACH ROW EXECUTE FUNCTION double()',
];

describeOn([postgres, otherPostgres], 'an UPDATE that says what it changes on $name', (database) => {
  let world: CaptureWorld;
  /** Whether the server itself knows the rows as they were. */
  let knowsOld = false;
  beforeAll(async () => {
    world = await CaptureWorld.open(database, { entities: [Owner, Asset, Gauge] });
    knowsOld = Number.parseInt(world.dataSource.driver.version ?? '', 10) >= 18;
    for (const sql of SCHEMA) await world.dataSource.query(sql);
  });
  beforeEach(async () => {
    world.uninstall();
    await world.reset();
    await world.dataSource.getRepository(Owner).insert([
      { id: 1, name: 'Ada' },
      { id: 2, name: 'Bob' },
    ]);
    await assets().insert([1, 2, 3].map((id) => ({ id, name: `a${id}`, owner: { id: 1 } })));
    await world.install({ uncaptured: 'ignore' }).learnConstraints();
  });
  afterAll(() => world.close());

  const assets = (manager: EntityManager = world.dataSource.manager) => manager.getRepository(Asset);
  const kinds = (statements: readonly string[]) =>
    statements.map((sql) => /\b(?:START|SELECT|UPDATE|INSERT|COMMIT)\b/.exec(sql)?.[0]);

  it('needs no reading before or after it, for its row and for what that refers to', async () => {
    const statements = await world.statementsOf(() => assets().update(1, { uses: 5 }));
    expect(kinds(statements)).toEqual(['START', 'UPDATE', 'INSERT', 'COMMIT']);
    expect(statements[1]).toMatch(knowsOld ? /WITH \(OLD AS/ : /FROM \(SELECT/);
    expect(await world.events()).toMatchObject([
      {
        data: { id: 1, uses: 5, owner: { id: 1, name: 'Ada' } },
        prechange: { uses: 0, owner: 1 },
        postchange: { uses: 5, owner: 1 },
        changed: ['uses'],
      },
    ]);
  });

  it('is all that each further change of a transaction needs', async () => {
    const [first, second, third] = (await assets().find({ order: { id: 'ASC' } })) as [Asset, Asset, Asset];
    const statements = await world.statementsOf(() =>
      world.dataSource.transaction(async (manager) => {
        await assets(manager).update(first.id, { uses: 1 });
        await assets(manager).update({ id: second.id, uses: 0 }, { uses: 2, owner: { id: 2 } });
        await assets(manager).update(first.id, { uses: 3 });
        await assets(manager).updateAll({ uses: () => 'uses + 10' });
        await assets(manager).update(third.id, { name: 'c' });
      }),
    );
    // What they refer to is read at the end.
    expect(kinds(statements)).toEqual(
      'START UPDATE UPDATE UPDATE UPDATE UPDATE SELECT INSERT COMMIT'.split(' '),
    );
    expect(await world.events()).toMatchObject([
      { objectId: '1', prechange: { uses: 0 }, postchange: { uses: 13 }, data: { owner: { name: 'Ada' } } },
      { objectId: '2', prechange: { uses: 0, owner: 1 }, postchange: { uses: 12, owner: 2 } },
      { objectId: '3', prechange: { uses: 0, name: 'a3' }, postchange: { uses: 10, name: 'c' } },
    ]);
  });

  it('shows what a changed reference points to', async () => {
    await assets().update(1, { owner: { id: 2 } });
    await assets().update(1, { owner: null });
    const shown = (await world.events()).map(({ data }) => (data as Asset).owner?.name ?? null);
    expect(shown).toEqual(['Bob', null]);
  });

  it('does not show what is soft-deleted', async () => {
    await world.dataSource.getRepository(Owner).softDelete(1);
    await assets().update(1, { uses: 1 });
    expect(await world.events()).toMatchObject([{ data: { owner: null }, postchange: { owner: 1 } }]);
  });

  it('tells columns that the database computes', async () => {
    await assets().update(1, { name: 'b' });
    expect(await world.events()).toMatchObject([
      { prechange: { label: 'a1!' }, postchange: { label: 'b!' }, changed: ['name', 'label'] },
    ]);
  });

  it('is not relied on where a trigger has a part in it', async () => {
    const gauges = world.dataSource.getRepository(Gauge);
    await gauges.insert({ id: 1, value: 1 });
    const events = await world.eventsOf(() => gauges.update(1, { value: 4 }));
    expect(events).toMatchObject([{ postchange: { value: 4, doubled: 8 }, changed: ['value', 'doubled'] }]);
  });

  it('has its like in an INSERT, which tells its rows with defaults and computed columns', async () => {
    const statements = await world.statementsOf(() =>
      assets().insert([
        { id: 10, name: 'x' },
        { id: 11, name: 'y', owner: { id: 2 } },
      ]),
    );
    // What they refer to is read at the end.
    expect(kinds(statements)).toEqual(['START', 'INSERT', 'SELECT', 'INSERT', 'COMMIT']);
    expect(await world.events()).toMatchObject([
      { event: 'create', data: { id: 10, owner: null }, postchange: { uses: 0, label: 'x!', owner: null } },
      { event: 'create', data: { id: 11, owner: { name: 'Bob' } }, postchange: { label: 'y!', owner: 2 } },
    ]);
  });

  it('holds with what the statements before it have told', async () => {
    const statements = await world.statementsOf(() =>
      world.dataSource.transaction(async (manager) => {
        await assets(manager).insert({ id: 10, name: 'x' });
        await assets(manager).update(10, { uses: 1 });
        await assets(manager).insert({ id: 11, name: 'y' });
        await assets(manager).update(10, { name: 'z' });
      }),
    );
    expect(kinds(statements)).toEqual(['START', 'INSERT', 'UPDATE', 'INSERT', 'UPDATE', 'INSERT', 'COMMIT']);
    expect(await world.events()).toMatchObject([
      { event: 'create', objectId: '10', postchange: { uses: 1, name: 'z', label: 'z!' } },
      { event: 'create', objectId: '11', postchange: { uses: 0, name: 'y' } },
    ]);
  });

  it('does not hold after what tells nothing', async () => {
    await world.dataSource.transaction(async (manager) => {
      await assets(manager).insert({ id: 10, name: 'x' });
      await manager.query('UPDATE asset SET uses = 9 WHERE id = 10');
      await assets(manager).update(1, { uses: 1 });
      await assets(manager).insert({ id: 11, name: 'y' });
    });
    expect(await world.events()).toMatchObject([
      { objectId: '10', postchange: { uses: 9 } },
      { objectId: '1', postchange: { uses: 1 } },
      { objectId: '11', postchange: { uses: 0 } },
    ]);
  });

  it('is not relied on after another statement', async () => {
    await world.dataSource.transaction(async (manager) => {
      await assets(manager).update(1, { uses: 1 });
      await manager.query('UPDATE asset SET uses = 9 WHERE id = 1');
    });
    await world.dataSource.transaction(async (manager) => {
      await Promise.all([
        assets(manager).update(2, { uses: 1 }),
        manager.query('UPDATE asset SET uses = 9 WHERE id = 2'),
      ]);
    });
    const uses = (await assets().find({ order: { id: 'ASC' }, take: 2 })).map((asset) => asset.uses);
    expect((await world.events()).map(({ postchange }) => postchange?.['uses'])).toEqual(uses);
    expect(uses[0]).toBe(9);
  });

  it('gives its caller what it would have given', async () => {
    const write = (returning: string) =>
      world.dataSource
        .createQueryBuilder()
        .update(Asset)
        .set({ uses: () => 'uses + 1' })
        .where('id = 3')
        .returning(returning)
        .execute();
    for (const returning of ['', 'id', '*']) {
      world.uninstall();
      const plain = await write(returning);
      await assets().update(3, { uses: 0 });
      await world.install().learnConstraints();
      const captured = await write(returning);
      await assets().update(3, { uses: 0 });
      expect(captured).toEqual(plain);
    }
  });

  it('keeps the order of the keys', async () => {
    await assets().updateAll({ uses: 1 });
    expect((await world.events()).map(({ objectId }) => objectId)).toEqual(['1', '2', '3']);
  });

  it('changes nothing when it would change too many rows', async () => {
    await world.install({ maxRows: 2 }).learnConstraints();
    await expect(assets().updateAll({ uses: 1 })).rejects.toMatchObject({
      code: 'WEBHOOKS_CAPTURE_TOO_MANY_ROWS',
    });
    expect(await assets().countBy({ uses: 1 })).toBe(0);
  });

  /** Runs `second` while another transaction, which has run `first`, holds its locks. */
  const meanwhile = async (
    first: (manager: EntityManager) => Promise<unknown>,
    second: () => Promise<unknown>,
  ) => {
    let waiting: Promise<unknown> | undefined;
    await world.dataSource.transaction(async (manager) => {
      await first(manager);
      waiting = second();
      await waitFor('a statement that waits', async () => {
        // Not in the transaction, which would see one picture of all activity.
        const [row] = await world.dataSource.query<{ waits: boolean }[]>(
          `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted
             AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())) AS waits`,
        );
        return row?.waits === true;
      });
    });
    await waiting;
  };

  it('waits for others, and shows what they have left', async () => {
    await meanwhile(
      async (manager) => {
        await assets(manager).update(1, { uses: 1 });
        await manager.getRepository(Owner).update(1, { name: 'Ada L.' });
      },
      () => assets().update(1, { uses: () => 'uses + 1' }),
    );
    expect(await world.events()).toMatchObject([
      { prechange: { uses: 0 }, postchange: { uses: 1 } },
      { prechange: { uses: 1 }, postchange: { uses: 2 }, data: { owner: { name: 'Ada L.' } } },
    ]);
  });

  it('finds a row that gets another key meanwhile, as it would without capture', async () => {
    await meanwhile(
      (manager) => assets(manager).update(1, { id: 11 }),
      () => assets().update({ name: 'a1' }, { uses: 7 }),
    );
    expect(await assets().findOneBy({ id: 11 })).toMatchObject({ uses: 7 });
    const last = (await world.events()).at(-1);
    expect(last).toMatchObject({ event: 'update', objectId: '11', postchange: { uses: 7 } });
  });

  it('locks several rows in the order of their keys, so that two such statements wait for each other in turn', async () => {
    const statements = await world.statementsOf(() => assets().updateAll({ uses: 7 }));
    expect(statements[1]).toMatch(/ORDER BY "id" LIMIT 5001 FOR NO KEY UPDATE/);
  });

  it('is refused when one of several rows gets another key meanwhile', async () => {
    let refusal: unknown;
    await meanwhile(
      (manager) => assets(manager).update(1, { id: 11 }),
      () =>
        assets()
          .updateAll({ uses: 7 })
          .catch((error: unknown) => (refusal = error)),
    );
    const changed = (await world.events()).filter(({ event }) => event === 'update');
    expect({
      code: (refusal as { code?: string } | undefined)?.code,
      rows: await assets().countBy({ uses: 7 }),
      changed: changed.map(({ objectId }) => objectId),
    }).toEqual({ code: 'WEBHOOKS_CAPTURE_FAILED', rows: 0, changed: [] });
  });
});
