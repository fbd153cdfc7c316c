import type { QueryRunner } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { endServerOfWrite } from '../../fixtures/capture/end-of-server.js';
import { Voucher } from '../../fixtures/capture/keys.entities.js';
import { Asset, Owner } from '../../fixtures/capture/imaging.entities.js';
import { postgres } from '../../support/databases.js';

interface PgQuery {
  once(event: 'end' | 'error', heard: (value: unknown) => void): void;
}

interface Connection {
  on(event: 'readyForQuery', heard: () => void): void;
  parse(message: { readonly text: string }): void;
  query(text: string): void;
}

interface Client {
  readonly constructor: {
    readonly Query: new (text: string) => PgQuery;
    readonly prototype: { query: (this: Client, ...args: unknown[]) => unknown };
  };
  readonly connection: Connection;
  query(...values: unknown[]): unknown;
  end(): Promise<unknown>;
}

const START = 'START TRANSACTION';
const FAILS = 'SELECT 1 / 0';

describe.skipIf(!postgres.available)('the START of a transaction of its own', () => {
  let world: CaptureWorld;
  let client: Client;
  /** Times at which a server was done and waited for more: the round trips so far. */
  let answers = 0;
  beforeAll(async () => {
    // One connection, which is therefore used again after whatever happens.
    world = await CaptureWorld.open(postgres, { entities: [Owner, Asset], poolSize: 1 });
    const runner = world.dataSource.createQueryRunner();
    client = (await runner.connect()) as Client;
    client.connection.on('readyForQuery', () => (answers += 1));
    await runner.release();
  });
  beforeEach(async () => {
    world.uninstall();
    await world.reset();
    world.dataSource.subscribers.length = 0;
    await assets().insert([1, 2].map((id) => ({ id, name: `a${id}` })));
    await world.install().learnConstraints();
  });
  afterAll(() => world.close());

  const openOther = async (options: Record<string, unknown> = {}) => {
    const other = await CaptureWorld.open(postgres, { entities: [Owner, Asset], ...options });
    await other.install().learnConstraints();
    return other;
  };
  const assets = () => world.dataSource.getRepository(Asset);
  const usesOf = async (id: number) => (await assets().findOneByOrFail({ id })).uses;
  const roundTrips = async (write: () => Promise<unknown>) => {
    const from = answers;
    await write();
    return answers - from;
  };
  /** Runs it in a transaction of capture's own in which that itself sends nothing, since nobody listens. */
  const record = async (fn: (runner: QueryRunner) => Promise<unknown>) => {
    world.listensToAll = false;
    try {
      return await world.capture?.record(Asset, [], ({ queryRunner }) => fn(queryRunner as QueryRunner));
    } finally {
      world.listensToAll = true;
    }
  };
  /** Has the server fail at what starts a transaction, and only there, until the function that is given is called. */
  const refuseStarts = () => {
    const { connection } = client;
    const { parse, query } = connection;
    const failing = (text: string) => (text === START ? FAILS : text);
    connection.parse = (message) => parse.call(connection, { ...message, text: failing(message.text) });
    connection.query = (text) => query.call(connection, failing(text));
    return () => {
      for (const name of ['parse', 'query']) Reflect.deleteProperty(connection, name);
    };
  };
  /** Whatever happened: the connection is as it was. */
  const expectUnharmed = async () => {
    world.dataSource.subscribers.length = 0;
    expect(await roundTrips(() => assets().update(2, { uses: 50 }))).toBe(2);
    expect(await usesOf(2)).toBe(50);
    expect((await world.events()).at(-1)).toMatchObject({ objectId: '2', postchange: { uses: 50 } });
    expect(Object.hasOwn(client, 'query')).toBe(false);
  };

  it.each<[string, number, (id: number) => Promise<unknown>]>([
    ['an UPDATE', 2, (id) => assets().update(id, { uses: 7 })],
    ['an UPDATE by criteria', 2, () => assets().update({ name: 'a1' }, { uses: 7 })],
    ['an INSERT', 2, (id) => assets().insert({ id: id + 10, name: 'new' })],
    ['a DELETE, which is read first', 4, (id) => assets().delete(id)],
    ['a DELETE without values', 5, () => assets().deleteAll()],
  ])('goes out with %s, where that has values', async (_, trips, write) => {
    let statements: string[] = [];
    const sent = await roundTrips(async () => (statements = await world.statementsOf(() => write(1))));
    expect(sent).toBe(trips);
    // For loggers and subscribers they are two.
    expect(statements[0]).toBe(START);
    expect(statements.at(-1)).toBe('COMMIT');
    expect(await world.events()).not.toEqual([]);
    await assets().save({ id: 2, name: 'a2' });
    await expectUnharmed();
  });

  it('goes out with a statement that the connection keeps', async () => {
    for (const uses of [1, 2, 3, 4]) await assets().update(1, { uses });
    expect(await roundTrips(() => assets().update(1, { uses: 5 }))).toBe(2);
    const kept = await world.dataSource.query<unknown[]>(
      `SELECT 1 FROM pg_prepared_statements WHERE statement LIKE '%UPDATE "asset"%'`,
    );
    expect(kept).toHaveLength(1);
    expect(await world.events()).toHaveLength(5);
    await expectUnharmed();
  });

  it('does not make a connection believe that it keeps what it could not prepare', async () => {
    // Of its own columns, so that no other test has made a connection keep it.
    const update = (uses: number) => assets().update(1, { name: 'a1', uses });
    for (const uses of [2, 3]) await update(uses);
    await world.dataSource.query('ALTER TABLE asset RENAME TO gone');
    await expect(update(4)).rejects.toMatchObject({ code: '42P01' });
    await world.dataSource.query('ALTER TABLE gone RENAME TO asset');
    await update(5);
    expect(await usesOf(1)).toBe(5);
    expect(world.warnings).toEqual([]);
    await expectUnharmed();
  });

  it.each([
    ['with its statement', () => assets().update(1, { uses: 9 })],
    ['before its statement', () => assets().updateAll({ uses: () => '9' })],
  ])('keeps the change from being made when it fails %s', async (_, write) => {
    const accept = refuseStarts();
    await expect(write()).rejects.toThrow('division by zero');
    accept();
    expect(await usesOf(1)).toBe(0);
    expect(await world.events()).toEqual([]);
    await expectUnharmed();
  });

  it('keeps a query of another class from being sent when it fails', async () => {
    const accept = refuseStarts();
    const written = record(async (runner) => {
      const query = new client.constructor.Query('UPDATE asset SET uses = 9');
      const failed = new Promise((resolve) => query.once('error', resolve));
      expect(((await runner.connect()) as Client).query(query)).toBe(query);
      throw await failed;
    });
    await expect(written).rejects.toThrow('division by zero');
    accept();
    expect(await usesOf(1)).toBe(0);
    await expectUnharmed();
  });

  it.each<[string, (runner: QueryRunner) => Promise<unknown>]>([
    [
      'one after the other',
      async (runner) => {
        await runner.manager.update(Asset, 1, { uses: 1 }).catch(() => undefined);
        await runner.query('UPDATE asset SET uses = 2');
      },
    ],
    [
      'at once',
      (runner) =>
        Promise.all([
          runner.query('UPDATE asset SET uses = $1 WHERE id = $2', [1, 1]),
          runner.query('UPDATE asset SET uses = $1 WHERE id = $2', [2, 2]),
        ]),
    ],
    [
      'with a callback',
      async (runner) => {
        const asked = (await runner.connect()) as Client;
        await runner.query('SELECT 1').catch(() => undefined);
        const refusal = await new Promise((resolve) => asked.query('UPDATE asset SET uses = 2', resolve));
        expect(String(refusal)).toContain('division by zero');
        throw refusal;
      },
    ],
  ])('keeps what is sent %s from being made outside of it when it fails', async (_, write) => {
    const accept = refuseStarts();
    await expect(record(write)).rejects.toThrow('division by zero');
    accept();
    expect([await usesOf(1), await usesOf(2)]).toEqual([0, 0]);
    await expectUnharmed();
  });

  it('has what is sent at once rolled back with it', async () => {
    const written = record(async (runner) => {
      void runner.query('UPDATE asset SET uses = 1').catch(() => undefined);
      void runner.query('UPDATE asset SET uses = 2').catch(() => undefined);
      throw new Error('not now');
    });
    await expect(written).rejects.toThrow('not now');
    expect(await usesOf(1)).toBe(0);
    await expectUnharmed();
  });

  it('does not change the order of what is sent at once', async () => {
    await record((runner) =>
      Promise.all([
        runner.query('UPDATE asset SET uses = 1 WHERE id = 1'),
        runner.query('UPDATE asset SET uses = uses * 10 + $1 WHERE id = $2', [2, 1]),
      ]),
    );
    expect(await usesOf(1)).toBe(12);
    await expectUnharmed();
  });

  it.each<[string, (runner: QueryRunner) => Promise<unknown>]>([
    ['nothing', async () => undefined],
    ['a statement', (runner) => runner.query('UPDATE asset SET uses = $1', [7])],
  ])('is rolled back when a hook throws that has sent %s', async (_, send) => {
    const runner = world.dataSource.createQueryRunner();
    world.dataSource.subscribers.push({
      afterTransactionStart: async ({ queryRunner }) => {
        await send(queryRunner);
        throw new Error('not now');
      },
    } as (typeof world.dataSource.subscribers)[number]);
    await expect(runner.manager.update(Asset, 1, { uses: 9 })).rejects.toThrow('not now');
    world.dataSource.subscribers.length = 0;
    expect(runner.isTransactionActive).toBe(false);
    expect(await runner.query('SELECT now() = statement_timestamp() AS alone')).toEqual([{ alone: true }]);
    await runner.manager.update(Asset, 1, { uses: 8 });
    await runner.release();
    expect([await usesOf(1), await usesOf(2)]).toEqual([8, 0]);
    expect(await world.events()).toMatchObject([{ prechange: { uses: 0 }, postchange: { uses: 8 } }]);
    await expectUnharmed();
  });

  it('is one for writes that begin together on a runner that is not connected yet', async () => {
    const runner = world.dataSource.createQueryRunner();
    await Promise.all([
      runner.manager.update(Asset, 1, { uses: 3 }),
      runner.manager.save(Voucher, { text: 'of a generated key, so that nothing is looked for first' }),
    ]);
    expect(runner.isTransactionActive).toBe(false);
    await runner.release();
    expect((await world.events()).map(({ event, objectId }) => `${event} ${objectId}`).toSorted()).toEqual([
      'create 1',
      'update 1',
    ]);
    await expectUnharmed();
  });

  it('goes out through a tracer that gives the client a copy of what it is given', async () => {
    const holder = client.constructor.prototype;
    const { query } = holder;
    const heard: unknown[] = [];
    holder.query = function traced(this: Client, ...args: unknown[]) {
      const [config] = args as [{ name?: string; callback?: (...values: unknown[]) => void }];
      if (typeof config !== 'object' || config.name !== undefined) return query.apply(this, args);
      const callback = (...values: unknown[]) => {
        heard.push(values[0] ?? null);
        config.callback?.(...values);
      };
      return query.call(this, { ...config, callback });
    };
    await assets().update({ name: 'a1' }, { uses: 6 });
    await expect(assets().insert({ id: 1, name: 'again' })).rejects.toMatchObject({ code: '23505' });
    holder.query = query;
    expect(heard).toEqual([null, null, expect.objectContaining({ code: '23505' })]);
    expect(await world.events()).toMatchObject([{ objectId: '1', postchange: { uses: 6 } }]);
    await expectUnharmed();
  });

  it('is waited for by a query of another class', async () => {
    await record(async (runner) => {
      const query = new client.constructor.Query('SELECT now() = statement_timestamp() AS alone');
      const ended = new Promise((resolve) => query.once('end', resolve));
      ((await runner.connect()) as Client).query(query);
      expect(await ended).toMatchObject({ rows: [{ alone: false }] });
    });
    await expectUnharmed();
  });

  it('is rolled back with a statement that fails, whose error is told', async () => {
    await expect(assets().insert({ id: 1, name: 'again' })).rejects.toMatchObject({
      code: '23505',
      query: expect.stringMatching(/^INSERT INTO "asset"/) as string,
    });
    expect(await world.events()).toEqual([]);
    await expectUnharmed();
  });

  it('is ended by itself when nothing was sent, and forgotten when the COMMIT was not', async () => {
    expect(await world.statementsOf(async () => record(async () => 'nothing'))).toEqual([START, 'COMMIT']);
    await expectUnharmed();
    world.dataSource.subscribers.push({
      beforeTransactionCommit: () => {
        throw new Error('not now');
      },
    } as (typeof world.dataSource.subscribers)[number]);
    await expect(assets().update(1, { uses: 9 })).rejects.toThrow('not now');
    expect(await usesOf(1)).toBe(0);
    await expectUnharmed();
  });

  it('begins the transaction of whatever a subscriber asks first', async () => {
    const seen: unknown[] = [];
    world.dataSource.subscribers.push({
      afterTransactionStart: async ({ queryRunner }) =>
        seen.push(await queryRunner.query('SELECT count(*)::int AS n FROM asset WHERE id < $1', [9])),
    } as (typeof world.dataSource.subscribers)[number]);
    await expect(assets().insert({ id: 1, name: 'again' })).rejects.toMatchObject({ code: '23505' });
    expect(seen).toEqual([[{ n: 2 }]]);
    await expectUnharmed();
  });

  it('stays at its place where the transactions of the data source have an isolation level', async () => {
    const other = await openOther({ isolationLevel: 'SERIALIZABLE' });
    const levels: unknown[] = [];
    other.dataSource.subscribers.push({
      beforeTransactionCommit: async ({ queryRunner }) =>
        levels.push(...(await queryRunner.manager.query<unknown[]>('SHOW transaction_isolation'))),
    } as (typeof world.dataSource.subscribers)[number]);
    await other.dataSource.getRepository(Asset).insert({ id: 1, name: 'a1' });
    expect(levels).toEqual([{ transaction_isolation: 'serializable' }]);
    expect(await other.events()).toHaveLength(1);
    await other.close();
  });

  it('is refused with its statement by a client that was closed', async () => {
    const other = await openOther();
    const repository = other.dataSource.getRepository(Asset);
    await repository.insert({ id: 1, name: 'a1' });
    let ended: Promise<unknown> | undefined;
    other.dataSource.subscribers.push({
      afterTransactionStart: async ({ queryRunner }) => {
        ended = ((await queryRunner.connect()) as Client).end();
      },
    } as (typeof other.dataSource.subscribers)[number]);
    await expect(repository.update(1, { uses: 9 })).rejects.toThrow('Client was closed');
    other.dataSource.subscribers.length = 0;
    await ended;
    await repository.update(1, { uses: 8 });
    expect((await other.events()).at(-1)).toMatchObject({ prechange: { uses: 0 }, postchange: { uses: 8 } });
    await other.close();
  });

  it('is gone with its statement when the server ends the connection', async () => {
    const other = await openOther();
    const repository = other.dataSource.getRepository(Asset);
    await repository.insert({ id: 1, name: 'a1' });
    await endServerOfWrite(other, 'asset', ({ manager }) => manager.update(Asset, 1, { uses: 9 }));
    expect(await repository.findOneBy({ id: 1 })).toMatchObject({ uses: 0 });
    await other.close();
  });
});
