import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Zone } from '../../fixtures/capture/key-cascade.entities.js';
import { Plug } from '../../fixtures/capture/outside.entities.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';

const TABLES = [
  'CREATE TABLE outside (id INT PRIMARY KEY)',
  'CREATE TABLE harmless (id INT PRIMARY KEY)',
  `CREATE TABLE plug (id INT PRIMARY KEY, zone_id INT, outside_id INT,
    CONSTRAINT fk_zone FOREIGN KEY (zone_id) REFERENCES zone (id) ON DELETE CASCADE,
    CONSTRAINT fk_outside FOREIGN KEY (outside_id) REFERENCES outside (id) ON DELETE SET NULL)`,
];
const UPDATE = 'UPDATE plug SET zone_id = NULL WHERE id = NEW.id';
const TRIGGERS = {
  postgres: [
    `CREATE FUNCTION unplug() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN ${UPDATE}; RETURN NULL; END'`,
    `CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM 1 FROM plug; RETURN NULL; END'`,
    'CREATE TRIGGER unplugs AFTER INSERT ON outside FOR EACH ROW EXECUTE FUNCTION unplug()',
    'CREATE TRIGGER does_nothing AFTER INSERT ON plug FOR EACH ROW EXECUTE FUNCTION nothing()',
    // Another tenant's plug.
    'CREATE SCHEMA other',
    'CREATE TABLE other.plug (id INT, zone_id INT)',
    'CREATE TRIGGER elsewhere AFTER INSERT ON other.plug FOR EACH ROW EXECUTE FUNCTION unplug()',
  ],
  mysql: [
    `CREATE TRIGGER unplugs AFTER INSERT ON outside FOR EACH ROW ${UPDATE}`,
    'CREATE TRIGGER does_nothing AFTER INSERT ON plug FOR EACH ROW DELETE FROM harmless',
  ],
  sqlite: [
    `CREATE TRIGGER unplugs AFTER INSERT ON outside BEGIN ${UPDATE}; END`,
    'CREATE TRIGGER does_nothing AFTER INSERT ON plug BEGIN DELETE FROM harmless; END',
  ],
};

describeOn(
  [postgres, mariadb, sqljs, betterSqlite3],
  'what only the database knows, on $name',
  (database) => {
    let world: CaptureWorld;
    beforeAll(async () => {
      world = await CaptureWorld.open(database, { entities: [Plug] });
      const { type } = world.dataSource.options;
      const dialect =
        type === 'postgres' ? 'postgres' : type === 'mariadb' || type === 'mysql' ? 'mysql' : 'sqlite';
      for (const sql of [...TABLES, ...TRIGGERS[dialect]]) await world.dataSource.query(sql);
    });
    beforeEach(async () => {
      world.uninstall();
      await world.reset();
    });
    afterAll(() => world.close());

    it('captures a foreign key between entities that no entity declares', async () => {
      await world.dataSource.getRepository(Zone).save([{ code: 'a' }, { code: 'b' }]);
      await world.dataSource.getRepository(Plug).insert([
        { id: 1, zoneId: 1 },
        { id: 2, zoneId: 2 },
      ]);
      await world.install().learnConstraints();
      await world.dataSource.getRepository(Zone).delete(1);
      const events = (await world.events()).map(
        ({ model, event, objectId }) => `${model} ${event} ${objectId}`,
      );
      expect(events).toEqual(['plug delete 1']);
    });

    it('says what it cannot capture: the constraint, the table, the entity and what to do', async () => {
      await world.install().learnConstraints();
      expect(world.warnings).toEqual([
        expect.stringMatching(
          /^The foreign key "\S.*" from (\w+\.)?plug to (\w+\.)?outside \(ON DELETE SET NULL\) writes Plug .*Let entities declare/,
        ),
        expect.stringMatching(
          /^The trigger "unplugs" of (\w+\.)?outside writes Plug .*in the application\.$/,
        ),
      ]);
    });

    it('refuses to start where the options refuse such writes, and is silent where they ignore them', async () => {
      await expect(world.install({ uncaptured: 'refuse' }).learnConstraints()).rejects.toMatchObject({
        code: 'WEBHOOKS_WRITE_UNCAPTURED',
        message: expect.stringMatching(/plug[\s\S]*unplugs/) as string,
      });
      await world.install({ uncaptured: 'ignore' }).learnConstraints();
      expect(world.warnings).toEqual([]);
    });

    it('asks the database once for each of what it must know', async () => {
      const capture = world.install();
      expect(await world.statementsOf(() => capture.learnConstraints())).toHaveLength(
        database.name === 'postgres' ? 3 : 2,
      );
    });
  },
);
