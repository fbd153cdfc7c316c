import { expect, it } from 'vitest';
import { writtenTables } from '../../../lib/capture/sql-statements.js';

it.each<[string, (string | undefined)[][]]>([
  ['UPDATE box SET size = 1', [[undefined, 'box']]],
  ['UPDATE "Depot"."Box" SET size = 1', [['depot', 'box']]],
  ['update only depot.box set size = 1', [['depot', 'box']]],
  ['INSERT INTO other.depot.box VALUES (1)', [['depot', 'box']]],
  ['INSERT IGNORE INTO `depot` . `box` VALUES (1)', [['depot', 'box']]],
  ['DELETE FROM ONLY "depot"."box"', [['depot', 'box']]],
  ['TRUNCATE TABLE depot.box', [['depot', 'box']]],
  ["INSERT INTO box VALUES ('UPDATE item SET x = 1')", [[undefined, 'box']]],
  [
    'WITH gone AS (DELETE FROM a.item RETURNING *) INSERT INTO b.item SELECT * FROM gone',
    [
      ['a', 'item'],
      ['b', 'item'],
    ],
  ],
  ['SELECT 1 -- UPDATE box', []],
])('%s', (sql, expected) => {
  expect(writtenTables(sql).map(({ schema, table }) => [schema, table])).toEqual(expected);
});
