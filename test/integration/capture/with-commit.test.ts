import type { QueryRunner } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebhooksContext } from '../../../lib/context/webhooks-context.js';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { endServerOfWrite } from '../../fixtures/capture/end-of-server.js';
import { Asset, Gauge, Owner } from '../../fixtures/capture/imaging.entities.js';
import { Country } from '../../fixtures/capture/keys.entities.js';
import { postgres } from '../../support/databases.js';

interface Client {
  readonly connection: { on(event: 'readyForQuery', heard: () => void): void };
  query(...values: unknown[]): unknown;
}

const SCHEMA = [
  'ALTER TABLE webhook_event ADD CONSTRAINT refused CHECK (username IS DISTINCT FROM $$nobody$$)',
  'ALTER TABLE asset ADD CONSTRAINT late UNIQUE (name) DEFERRABLE INITIALLY DEFERRED',
];

const KEPT = `SELECT true AS kept FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO "webhook_event"%VALUES%'`;

describe.skipIf(!postgres.available).each([
  { title: 'the events of a transaction', isPrepared: false },
  { title: 'the events of a transaction, prepared', isPrepared: true },
])('$title', ({ isPrepared }) => {
  let world: CaptureWorld;
  /** Times at which a server was done and waited for more: the round trips so far. */
  let answers = 0;
  beforeAll(async () => {
    // One connection, which is therefore used again after whatever happens.
    world = await CaptureWorld.open(postgres, { entities: [Owner, Asset, Gauge], poolSize: 1 });
    for (const sql of SCHEMA) await world.dataSource.query(sql);
    const runner = world.dataSource.createQueryRunner();
    ((await runner.connect()) as Client).connection.on('readyForQuery', () => (answers += 1));
    await runner.release();
  });
  beforeEach(async () => {
    world.uninstall();
    await world.reset();
    await world.dataSource.getRepository(Asset).insert([1, 2].map((id) => ({ id, name: `a${id}` })));
    await world.install({ preparedStatements: isPrepared }).learnConstraints();
    if (!isPrepared) return;
    for (const uses of [1, 2, 3, 0]) await assets().update(2, { uses });
    await world.dataSource.query('DELETE FROM webhook_event');
    world.signals = 0;
  });
  afterAll(() => world.close());

  const assets = () => world.dataSource.getRepository(Asset);
  const uses = async () => (await assets().findOneByOrFail({ id: 1 })).uses;
  const roundTrips = async (write: () => Promise<unknown>) => {
    const from = answers;
    await write();
    return answers - from;
  };
  const before = (wanted: string, act: (runner: QueryRunner) => unknown) =>
    world.dataSource.subscribers.push({
      beforeQuery: ({ query, queryRunner }) => (query === wanted ? act(queryRunner) : undefined),
    } as (typeof world.dataSource.subscribers)[number]);

  /** Whatever happened: the connection is as it was, and nothing is left of it. */
  const expectUnharmed = async () => {
    world.dataSource.subscribers.length = 0;
    expect(await roundTrips(() => assets().update(2, { uses: 50 }))).toBe(2);
    expect(await assets().findOneBy({ id: 2 })).toMatchObject({ uses: 50 });
    expect((await world.events()).at(-1)).toMatchObject({ objectId: '2', postchange: { uses: 50 } });
    const runner = world.dataSource.createQueryRunner();
    expect(Object.hasOwn((await runner.connect()) as Client, 'query')).toBe(false);
    expect(await runner.query(KEPT)).toEqual(isPrepared ? [{ kept: true }] : []);
    await runner.release();
  };

  it('go out with its COMMIT, so that a save takes no round trip more than without them', async () => {
    const save = (count: number) => assets().save({ id: 1, uses: count });
    world.uninstall();
    const plain = await roundTrips(() => save(1));
    await world.install({ preparedStatements: isPrepared }).learnConstraints();
    const statements: string[] = [];
    expect(
      await roundTrips(async () => {
        statements.push(...(await world.statementsOf(() => save(2))));
      }),
    ).toBe(plain);
    // For loggers and subscribers they are two.
    expect(statements.slice(-2)).toEqual([expect.stringMatching(/^INSERT INTO "webhook_event"/), 'COMMIT']);
    expect(await world.events()).toMatchObject([{ postchange: { uses: 2 } }]);
    await expectUnharmed();
  });

  it('are refused with its changes when the database refuses them', async () => {
    const runner = world.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.update(Asset, 1, { uses: 5 });
    const commit = WebhooksContext.run({ username: 'nobody' }, () => runner.commitTransaction());
    await expect(commit).rejects.toMatchObject({
      code: 'WEBHOOKS_CAPTURE_FAILED',
      message: expect.stringContaining('violates check constraint "refused"') as string,
    });
    expect(runner.isTransactionActive).toBe(true);
    await runner.rollbackTransaction();
    await runner.release();
    expect(await uses()).toBe(0);
    expect(world.signals).toBe(0);
    await expectUnharmed();
  });

  it('are not blamed when the COMMIT itself is refused', async () => {
    await expect(assets().update(1, { name: 'a2' })).rejects.toMatchObject({
      code: '23505',
      query: 'COMMIT',
    });
    expect(await world.events()).toEqual([]);
    await expectUnharmed();
  });

  it('are written first when something is asked before the COMMIT', async () => {
    const seen: unknown[] = [];
    before('COMMIT', async ({ manager }) =>
      seen.push(await manager.query('SELECT event FROM webhook_event')),
    );
    expect(await roundTrips(() => assets().update(1, { uses: 5 }))).toBe(4);
    expect(seen).toEqual([[{ event: 'update' }]]);
    expect(await world.events()).toHaveLength(1);
    await expectUnharmed();
  });

  it('are not sent when a subscriber keeps the COMMIT from being sent', async () => {
    before('COMMIT', () => {
      throw new Error('not now');
    });
    await expect(assets().update(1, { uses: 5 })).rejects.toThrow('not now');
    expect(await uses()).toBe(0);
    expect(await world.events()).toEqual([]);
    await expectUnharmed();
  });

  it('are not waited for when a subscriber keeps them from being sent', async () => {
    world.dataSource.subscribers.push({
      beforeQuery: ({ query }) => {
        if (query.startsWith('INSERT INTO "webhook_event"')) throw new Error('not these');
      },
    } as (typeof world.dataSource.subscribers)[number]);
    await expect(assets().update(1, { uses: 5 })).rejects.toMatchObject({
      code: 'WEBHOOKS_CAPTURE_FAILED',
      message: expect.stringContaining('not these') as string,
    });
    expect(await uses()).toBe(0);
    await expectUnharmed();
  });

  it('go out by themselves where they cannot be sent as texts, or the client is another', async () => {
    // A separator of lists in a key makes them lists.
    expect(
      await roundTrips(() =>
        world.dataSource
          .getRepository(Country)
          .insert(['a', 'b', 'c', 'd', 'e'].map((code) => ({ code: `${code}\u001f` }))),
      ),
      'START with INSERT, INSERT, COMMIT',
    ).toBe(3);
    const runner = world.dataSource.createQueryRunner();
    const client = (await runner.connect()) as Client;
    await runner.release();
    const asked: unknown[] = [];
    const query = client.query.bind(client);
    client.query = (...values) => {
      asked.push(values[0]);
      return query(...values);
    };
    await assets().update(1, { uses: 6 });
    Reflect.deleteProperty(client, 'query');
    expect(asked.map((text) => String(text).split(' ')[0])).toEqual([
      'START',
      expect.stringMatching(/UPDATE|WITH/),
      'INSERT',
      'COMMIT',
    ]);
    expect((await world.events()).at(-1)).toMatchObject({ objectId: '1', postchange: { uses: 6 } });
    await expectUnharmed();
  });

  it('of more objects than one batch holds are written while they are made, but for the last', async () => {
    await assets().insert(Array.from({ length: 600 }, (_, id) => ({ id: id + 100, name: `b${id}` })));
    const statements = await world.statementsOf(() => assets().updateAll({ uses: 3 }));
    expect(statements.filter((sql) => sql.startsWith('INSERT'))).toHaveLength(3);
    expect((await world.events()).filter(({ postchange }) => postchange?.['uses'] === 3)).toHaveLength(602);
    await expectUnharmed();
  });
});

describe.skipIf(!postgres.available)('the events of a transaction', () => {
  it('are not sent with its COMMIT by a client that gives up what the server goes on with', async () => {
    const world = await CaptureWorld.open(postgres, {
      entities: [Owner, Asset, Gauge],
      extra: { query_timeout: 60_000 },
    });
    await world.install().learnConstraints();
    const runner = world.dataSource.createQueryRunner();
    let answers = 0;
    ((await runner.connect()) as Client).connection.on('readyForQuery', () => (answers += 1));
    await runner.manager.insert(Asset, { id: 1, name: 'a1' });
    expect(answers, 'START, INSERT, INSERT, COMMIT').toBe(4);
    expect(await world.events()).toHaveLength(1);
    await runner.release();
    await world.close();
  });

  it('are gone with its changes when the server ends the connection', async () => {
    const world = await CaptureWorld.open(postgres, { entities: [Owner, Asset, Gauge] });
    await world.install().learnConstraints();
    await endServerOfWrite(world, 'webhook_event', ({ manager }) =>
      manager.insert(Asset, { id: 1, name: 'a1' }),
    );
    expect(await world.dataSource.getRepository(Asset).count()).toBe(0);
    expect(await world.events()).toEqual([]);
    await world.close();
  });
});
