import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Country, Pair } from '../../fixtures/capture/keys.entities.js';
import { describeOn, postgres } from '../../support/databases.js';

const CONSTRAINTS = [
  'ALTER TABLE country ADD CONSTRAINT country_once UNIQUE (name)',
  'ALTER TABLE pair ADD CONSTRAINT pair_once UNIQUE (text, "left")',
  'ALTER TABLE country ADD COLUMN unseen int, ADD CONSTRAINT country_unseen UNIQUE (unseen)',
  'CREATE SCHEMA other',
  'CREATE TABLE other.country (code int, name int, CONSTRAINT country_once UNIQUE (code))',
];

const PAIR = { left: 1, right: 1, text: 'a' };
const NEW_PAIR = { left: 2, right: 2, text: 'c' };
const AUSTRIA = { code: 'at', name: 'Austria' };
const FRANCE = { code: 'fr', name: 'France' };

describeOn([postgres], 'an upsert that names a constraint, on $name', (database) => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(database);
    for (const sql of CONSTRAINTS) await world.dataSource.query(sql);
  });
  beforeEach(async () => {
    world.uninstall();
    await world.reset();
  });
  afterAll(() => world.close());

  const upsert = (entity: new () => object, values: object[], overwrite: string[], constraint: string) =>
    world.dataSource
      .createQueryBuilder()
      .insert()
      .into(entity)
      .values(values)
      .orUpdate(overwrite, constraint)
      .execute();
  const primaryKey = (entity: new () => object) => {
    const { tablePath, primaryColumns } = world.dataSource.getMetadata(entity);
    return world.dataSource.namingStrategy.primaryKeyName(
      tablePath,
      primaryColumns.map(({ databaseName }) => databaseName),
    );
  };

  it.each<
    [what: string, entity: new () => object, constraint: () => string, overwrite: string[], rows: object[]]
  >([
    ['the primary key', Pair, () => primaryKey(Pair), ['text'], [PAIR, { ...PAIR, text: 'b' }, NEW_PAIR]],
    ['a constraint that only the database knows', Pair, () => 'pair_once', ['right'], [PAIR, PAIR, NEW_PAIR]],
    ['a constraint of one column', Country, () => 'country_once', ['name'], [AUSTRIA, AUSTRIA, FRANCE]],
  ])('updates and inserts by %s', async (_, entity, constraint, overwrite, [there, changed, added]) => {
    await world.dataSource.getRepository(entity).insert(there as object);
    world.install();
    const events = await world.eventsOf(() =>
      upsert(entity, [changed, added] as object[], overwrite, constraint()),
    );
    expect(events.map(({ prechange, postchange }) => [prechange, postchange])).toEqual([
      ...(changed === there ? [] : [[there, changed]]),
      [null, added],
    ]);
  });

  it('is refused where no entity has the columns, before anything is written', async () => {
    world.install();
    await expect(
      upsert(Country, [{ code: 'at', name: 'Austria' }], ['name'], 'country_unseen'),
    ).rejects.toMatchObject({
      code: 'WEBHOOKS_WRITE_UNCAPTURED',
      message: expect.stringContaining('country_unseen') as string,
    });
    expect(await world.dataSource.getRepository(Country).count()).toBe(0);
  });

  it('fails as the database says where there is none of that name', async () => {
    world.install();
    await expect(upsert(Country, [{ code: 'at' }], ['name'], 'nowhere')).rejects.toThrow(/"nowhere"/);
  });

  it('asks for the columns of a constraint once', async () => {
    world.install();
    const asked = async () => {
      const statements = await world.statementsOf(() =>
        upsert(Country, [AUSTRIA], ['name'], primaryKey(Country)),
      );
      return statements.filter((sql) => sql.includes('pg_constraint')).length;
    };
    expect([await asked(), await asked()]).toEqual([1, 0]);
  });
});
