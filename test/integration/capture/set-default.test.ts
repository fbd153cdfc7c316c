import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Zone } from '../../fixtures/capture/key-cascade.entities.js';
import { Spare } from '../../fixtures/capture/outside.entities.js';
import { betterSqlite3, describeOn, postgres, sqljs } from '../../support/databases.js';

const TABLE = `CREATE TABLE spare (id INT PRIMARY KEY, zone_code VARCHAR(100) NOT NULL DEFAULT 'b'
  REFERENCES zone (code) ON DELETE SET DEFAULT ON UPDATE SET DEFAULT)`;

// MySQL and MariaDB have no such action.
describeOn([postgres, sqljs, betterSqlite3], 'SET DEFAULT of a constraint on $name', (database) => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(database, { entities: [Spare] });
    await world.dataSource.query(TABLE);
  });
  beforeEach(async () => {
    world.uninstall();
    await world.reset();
    await zones().save([{ code: 'a' }, { code: 'b' }]);
    await world.dataSource.getRepository(Spare).insert([
      { id: 1, zoneCode: 'a' },
      { id: 2, zoneCode: 'b' },
    ]);
    await world.install().learnConstraints();
  });
  afterAll(() => world.close());

  const zones = () => world.dataSource.getRepository(Zone);
  const expected = {
    model: 'spare',
    event: 'update',
    objectId: '1',
    prechange: { id: 1, zoneCode: 'a' },
    postchange: { id: 1, zoneCode: 'b' },
    changed: ['zoneCode'],
  };

  it('is captured when what is referred to gets another key', async () => {
    expect(await world.eventsOf(() => zones().update({ code: 'a' }, { code: 'x' }))).toEqual([
      expect.objectContaining(expected),
    ]);
    expect(world.warnings).toEqual([]);
  });

  it('is captured when what is referred to is deleted', async () => {
    expect(await world.eventsOf(() => zones().delete({ code: 'a' }))).toEqual([
      expect.objectContaining(expected),
    ]);
    expect(world.warnings).toEqual([]);
  });

  it('is captured when an entity is removed', async () => {
    const zone = await zones().findOneByOrFail({ code: 'a' });
    expect(await world.eventsOf(() => zones().remove(zone))).toEqual([expect.objectContaining(expected)]);
  });
});
