import { afterEach, expect, it } from 'vitest';
import type { CaptureOptions } from '../../../lib/options/webhooks-options.js';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Asset, Gauge, Owner } from '../../fixtures/capture/imaging.entities.js';
import { describeOn, otherPostgres, postgres, type TestDatabase } from '../../support/databases.js';
import { startTransactionPooler } from '../../support/transaction-pooler.js';

interface Prepared {
  readonly statement: string;
  readonly generic_plans: string;
}

describeOn([postgres, otherPostgres], 'the statements of capture ($name)', (database) => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  const open = async (options: CaptureOptions = {}, on: TestDatabase = database) => {
    const world = await CaptureWorld.open(on, { entities: [Owner, Asset, Gauge], poolSize: 1 });
    closing.push(() => world.close());
    await world.install(options).learnConstraints();
    await world.dataSource.getRepository(Owner).save({ id: 1, name: 'o1' });
    return world;
  };
  const assets = ({ dataSource }: CaptureWorld) => dataSource.getRepository(Asset);
  const prepared = ({ dataSource }: CaptureWorld) =>
    dataSource.query<Prepared[]>(
      `SELECT statement, generic_plans FROM pg_prepared_statements WHERE name LIKE 'webhooks_%' ORDER BY statement`,
    );
  /** Creates an object and changes it: one event each. */
  const change = async (world: CaptureWorld, id: number, times: number) => {
    await assets(world).save({ id, name: `a${id}`, owner: { id: 1 } });
    for (let uses = 1; uses <= times; uses += 1) await assets(world).update(id, { uses });
  };
  const expectEvents = async (world: CaptureWorld, id: number, times: number) => {
    const events = await world.events();
    expect(
      events
        .filter(({ objectId }) => objectId === String(id))
        .map(({ prechange, postchange, data }) => [
          prechange?.['uses'],
          postchange?.['uses'],
          (data as { owner: unknown }).owner,
        ]),
    ).toEqual(
      Array.from({ length: times + 1 }, (_, uses) => [
        uses === 0 ? undefined : uses - 1,
        uses,
        { id: 1, name: 'o1', deletedAt: null },
      ]),
    );
  };

  it('are kept by a connection, which plans them no more', async () => {
    const world = await open();
    await change(world, 1, 12);
    await expectEvents(world, 1, 12);
    const kept = await prepared(world);
    expect(kept.map(({ statement }) => statement)).toEqual([
      expect.stringMatching(/^INSERT INTO "webhook_event"/),
      expect.stringMatching(/UPDATE "asset" SET/),
    ]);
    for (const { generic_plans: plans } of kept) expect(Number(plans)).toBeGreaterThan(3);
  });

  it('are not kept when they are sent once, or when their plan depends on what they look for', async () => {
    const world = await open();
    await change(world, 1, 1);
    for (let uses = 1; uses < 5; uses += 1) await assets(world).update({ name: 'a1' }, { uses });
    expect((await prepared(world)).filter(({ statement }) => /UPDATE "asset"/.test(statement))).toEqual([]);
  });

  it('are not kept when the application says so', async () => {
    const world = await open({ preparedStatements: false });
    await change(world, 1, 4);
    await expectEvents(world, 1, 4);
    expect(await prepared(world)).toEqual([]);
  });

  it('are not kept behind a pooler that gives each transaction another connection', async () => {
    const world = await open({}, pooled(database));
    await change(world, 1, 8);
    await expectEvents(world, 1, 8);
    for (const each of [1, 2]) expect(await prepared(world), `connection ${each}`).toEqual([]);
    expect(world.warnings).toEqual([]);
  });

  it('are given up, and said to be, when the connection has forgotten them', async () => {
    const world = await open();
    await change(world, 1, 4);
    await world.dataSource.query('DISCARD ALL');
    await expect(assets(world).update(1, { uses: 5 })).rejects.toMatchObject({ code: '26000' });
    expect(world.warnings).toEqual([expect.stringContaining('`capture.preparedStatements`')]);
    await change(world, 2, 6);
    await expectEvents(world, 2, 6);
    expect(await prepared(world)).toEqual([]);
    expect(world.warnings).toHaveLength(1);
  });

  it('are prepared anew after their table was altered, of which one transaction hears', async () => {
    const world = await open();
    await change(world, 1, 4);
    await world.dataSource.query('ALTER TABLE asset ALTER COLUMN name TYPE varchar(150)');
    await expect(assets(world).update(1, { uses: 5 })).rejects.toMatchObject({ code: '0A000' });
    for (let uses = 5; uses <= 9; uses += 1) await assets(world).update(1, { uses });
    await expectEvents(world, 1, 9);
    expect(world.warnings).toEqual([]);
    expect(await prepared(world)).toContainEqual(
      expect.objectContaining({ statement: expect.stringMatching(/UPDATE "asset" SET/) as string }),
    );
  });

  it.each([
    ['is first sent', 3],
    ['was kept', 6],
  ])('go on after a value that cannot be sent when their name %s', async (_, times) => {
    const world = await open();
    await change(world, 1, times);
    const unsendable = { toJSON: () => 1n } as unknown as number;
    await expect(assets(world).update(1, { uses: unsendable })).rejects.toThrow(/BigInt/);
    for (let uses = times + 1; uses <= times + 4; uses += 1) await assets(world).update(1, { uses });
    await expectEvents(world, 1, times + 4);
    expect(world.warnings).toEqual([]);
  });

  it('hold under another search path', async () => {
    const world = await open();
    await change(world, 1, 7);
    const { dataSource } = world;
    await dataSource.query('CREATE SCHEMA tenant');
    for (const table of ['asset', 'owner', 'webhook_event'])
      await dataSource.query(`CREATE TABLE tenant.${table} (LIKE public.${table} INCLUDING ALL)`);
    await dataSource.query(`INSERT INTO tenant.asset (id, name, uses) VALUES (1, 'tenant', 70)`);
    await dataSource.query('SET search_path TO tenant, public');
    await assets(world).update(1, { uses: 71 });
    const [event] = await world.events();
    expect(event).toMatchObject({ prechange: { name: 'tenant', uses: 70 }, postchange: { uses: 71 } });
  });

  function pooled(direct: TestDatabase): TestDatabase {
    return {
      ...direct,
      create: async () => {
        const { options, drop } = await direct.create();
        const pooler = await startTransactionPooler((options as { url: string }).url);
        const close = () => pooler.close().then(drop);
        return { options: { ...options, url: pooler.url } as typeof options, drop: close };
      },
    };
  }
});
