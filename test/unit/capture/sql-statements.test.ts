import { describe, expect, it } from 'vitest';
import type { CaptureDialect } from '../../../lib/capture/capture-dialect.js';
import { statementShape, tablesNamed, writtenTables } from '../../../lib/capture/sql-statements.js';

type Dialect = CaptureDialect['name'];

describe('the tables that a statement writes', () => {
  it.each<[string, (string | undefined)[][], Dialect?]>([
    ['UPDATE box SET size = 1', [[undefined, 'box']]],
    ['UPDATE "Depot"."Box" SET size = 1', [['depot', 'box']]],
    ['update only depot.box set size = 1', [['depot', 'box']]],
    ['INSERT INTO other.depot.box VALUES (1)', [['depot', 'box']]],
    ['INSERT IGNORE INTO `depot` . `box` VALUES (1)', [['depot', 'box']], 'mysql'],
    ['UPDATE "box" SET size = 1', [[undefined, 'box']], 'mysql'],
    ['DELETE FROM ONLY "depot"."box"', [['depot', 'box']]],
    ['TRUNCATE TABLE depot.box', [['depot', 'box']]],
    ["INSERT INTO box VALUES ('UPDATE item SET x = 1')", [[undefined, 'box']]],
    ["INSERT INTO box VALUES ('it\\'s', 'UPDATE item SET x = 1')", [[undefined, 'box']], 'mysql'],
    ['INSERT INTO box VALUES ("UPDATE item SET x = 1")', [[undefined, 'box']], 'mysql'],
    [
      "INSERT INTO box VALUES ('a\\'); UPDATE item SET x = 1 WHERE y = ''",
      [
        [undefined, 'box'],
        [undefined, 'item'],
      ],
    ],
    [
      "INSERT INTO box VALUES ('-- a'); UPDATE item SET x = 1",
      [
        [undefined, 'box'],
        [undefined, 'item'],
      ],
    ],
    ["UPDATE box SET a = E'\\'; UPDATE item SET x = 1'", [[undefined, 'box']]],
    [
      'WITH gone AS (DELETE FROM a.item RETURNING *) INSERT INTO b.item SELECT * FROM gone',
      [
        ['a', 'item'],
        ['b', 'item'],
      ],
    ],
    ['SELECT 1 -- UPDATE box', []],
    ['SELECT 1; # UPDATE box', [], 'mysql'],
    ["SELECT '; UPDATE box SET size = 1'", []],
    ['BEGIN; UPDATE box SET size = 1; COMMIT', [[undefined, 'box']]],
    ['SELECT 1; DELETE FROM box', [[undefined, 'box']]],
    ['SET x = 1; /* then */ DELETE FROM box;', [[undefined, 'box']]],
    ['UPDATE box SET size = 1; SELECT * FROM item FOR UPDATE OF item', [[undefined, 'box']]],
    [
      "DO $do$ BEGIN UPDATE box SET a = 'b'; DELETE FROM item; END $do$",
      [
        [undefined, 'box'],
        [undefined, 'item'],
      ],
    ],
    [
      "INSERT INTO box VALUES ($$it's$$); DELETE FROM item",
      [
        [undefined, 'box'],
        [undefined, 'item'],
      ],
    ],
    ['CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN UPDATE box SET a = 1; DELETE FROM item; END $$', []],
    ['CREATE TRIGGER t AFTER INSERT ON box BEGIN UPDATE box SET a = 1; DELETE FROM item; END', [], 'sqlite'],
    ['CREATE TABLE event (id int); DELETE FROM box', [[undefined, 'box']]],
  ])('%s', (sql, expected, dialect = 'postgres') => {
    expect(writtenTables(sql, dialect).map(({ schema, table }) => [schema, table])).toEqual(expected);
  });

  it('are found in the code of a trigger, whatever it begins with', () => {
    const code = 'BEGIN IF NEW.a THEN UPDATE box SET a = "no, DELETE FROM item"; END IF; END';
    expect(tablesNamed(code, 'mysql').map(({ table }) => table)).toEqual(['box']);
  });
});

describe('the shape of a statement', () => {
  it.each<[Dialect, string, string]>([
    ['postgres', `UPDATE "router" SET p = 'hunter2' WHERE id = 7`, 'UPDATE "router" SET p = ? WHERE id = ?'],
    ['postgres', `UPDATE router SET p = 'a''hunter2', q = $1`, 'UPDATE router SET p = ?, q = ?'],
    ['postgres', `UPDATE router SET p = E'\\'hunter2', q = 'hunter2'`, 'UPDATE router SET p = ?, q = ?'],
    ['postgres', `UPDATE router SET p = 'a\\', q = 'hunter2'`, 'UPDATE router SET p = ?, q = ?'],
    [
      'postgres',
      `UPDATE router SET p = $$hunter2$$, q = $a$it's $$hunter2$a$`,
      'UPDATE router SET p = ?, q = ?',
    ],
    ['postgres', `UPDATE router SET p = 'a -- b', q = 'hunter2'`, 'UPDATE router SET p = ?, q = ?'],
    ['postgres', `UPDATE router SET p = '/*', q = 'hunter2' /* it's */`, 'UPDATE router SET p = ?, q = ?'],
    ['postgres', `UPDATE router SET p = 'hunter2`, 'UPDATE router SET p = ?'],
    ['mysql', 'UPDATE `router` SET p = "hunter2"', 'UPDATE `router` SET p = ?'],
    ['mysql', `UPDATE router SET p = 'it\\'s hunter2', q = 1`, 'UPDATE router SET p = ?, q = ?'],
    ['mysql', `UPDATE router SET p = "\\"hunter2", q = 'say "hunter2"'`, 'UPDATE router SET p = ?, q = ?'],
    ['mysql', `UPDATE router # it's\nSET p = "hunter2"`, 'UPDATE router SET p = ?'],
    ['mysql', 'UPDATE router SET p = 0x68756e74657232, q = 1.5e3', 'UPDATE router SET p = ?, q = ?'],
    ['mysql', `UPDATE router SET p = 'hunter2\\`, 'UPDATE router SET p = ?'],
    ['sqlite', `UPDATE "router" SET p = 'it''s hunter2\\'`, 'UPDATE "router" SET p = ?'],
    ['sqlite', `INSERT INTO router VALUES (1, 'a'), (2, 'b')`, 'INSERT INTO router VALUES (?, …), …'],
  ])('on %s: %s', (dialect, sql, shape) => {
    expect(statementShape(sql, dialect)).toBe(shape);
  });

  it('is found of a value of many megabytes', () => {
    const sql = `UPDATE router SET p = '${`it''s ""`.repeat(300_000)}'`;
    for (const dialect of ['postgres', 'mysql', 'sqlite'] as const)
      expect(statementShape(sql, dialect)).toBe('UPDATE router SET p = ?');
  });
});
