import { randomBytes } from 'node:crypto';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NOW, STATEMENT_NOW } from '../../../lib/model/dialect.js';
import { describeOn, mariadb } from '../../support/databases.js';

/** What a right clock says, to the second. */
const rightNow = () => Math.round((performance.timeOrigin + performance.now()) / 1_000);

/** Seconds within which two clocks are one. */
const NEAR = 60;

describeOn([mariadb], 'the clock of $name in a zone that changes its time', (database) => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;
  let zone: string;

  beforeEach(async () => {
    const created = await database.create();
    drop = created.drop;
    // One connection: what is set for the session holds for every statement.
    dataSource = await new DataSource({ ...created.options, poolSize: 1 } as DataSourceOptions).initialize();
    zone = `webhooks/${randomBytes(6).toString('hex')}`;
  });
  afterEach(async () => {
    await removeZone(dataSource, zone);
    await dataSource.destroy();
    await drop();
  });

  const clocks = [
    { clock: 'NOW', expression: NOW.mysql },
    { clock: 'STATEMENT_NOW', expression: STATEMENT_NOW.mysql },
  ];
  const changes = [
    { change: 'an hour that is about to be repeated', after: 1_800, from: 7_200, to: 3_600 },
    { change: 'an hour that is being repeated', after: -1_800, from: 7_200, to: 3_600 },
    { change: 'an hour that was left out', after: -60, from: 3_600, to: 7_200 },
  ];
  it.each(clocks.flatMap((clock) => changes.map((change) => ({ ...clock, ...change }))))(
    '$clock is right in $change',
    async ({ expression, after, from, to }) => {
      await defineZone(dataSource, zone, rightNow() + after, from, to);
      const [row] = await dataSource.query<[{ now: string }]>(`SELECT ${expression} AS now`);
      expect(Math.abs(Number(row.now) / 1_000 - rightNow())).toBeLessThan(NEAR);
    },
  );

  it.each([
    { change: 'back', from: 7_200, to: 3_600 },
    { change: 'forth', from: 3_600, to: 7_200 },
  ])('NOW goes on within a statement during which clocks are put $change', async ({ from, to }) => {
    await defineZone(dataSource, zone, rightNow() + 1, from, to);
    const [row] = await dataSource.query<[{ began: string; now: string }]>(
      `SELECT began, ${NOW.mysql} AS now
         FROM (SELECT ${STATEMENT_NOW.mysql} AS began, SLEEP(2) AS slept LIMIT 1) AS waited`,
    );
    const passed = Number(row.now) - Number(row.began);
    expect(passed).toBeGreaterThanOrEqual(2_000);
    expect(passed).toBeLessThan(NEAR * 1_000);
  });
});

/** Makes the session live in a zone whose offset (seconds) changes at that second. */
async function defineZone(
  dataSource: DataSource,
  name: string,
  changesAt: number,
  from: number,
  to: number,
): Promise<void> {
  await dataSource.query('INSERT INTO mysql.time_zone (Use_leap_seconds) VALUES (?)', ['N']);
  const [{ id }] = await dataSource.query<[{ id: number }]>('SELECT LAST_INSERT_ID() AS id');
  await dataSource.query('INSERT INTO mysql.time_zone_name (Name, Time_zone_id) VALUES (?, ?)', [name, id]);
  for (const [type, offset] of [from, to].entries()) {
    await dataSource.query(
      'INSERT INTO mysql.time_zone_transition_type (Time_zone_id, Transition_type_id, `Offset`) VALUES (?, ?, ?)',
      [id, type, offset],
    );
  }
  for (const [type, at] of [0, changesAt].entries()) {
    await dataSource.query(
      'INSERT INTO mysql.time_zone_transition (Time_zone_id, Transition_time, Transition_type_id) VALUES (?, ?, ?)',
      [id, at, type],
    );
  }
  await dataSource.query('SET time_zone = ?', [name]);
}

async function removeZone(dataSource: DataSource, name: string): Promise<void> {
  const [found] = await dataSource.query<{ id: number }[]>(
    'SELECT Time_zone_id AS id FROM mysql.time_zone_name WHERE Name = ?',
    [name],
  );
  if (found === undefined) return;
  for (const table of ['time_zone_name', 'time_zone_transition', 'time_zone_transition_type', 'time_zone']) {
    await dataSource.query(`DELETE FROM mysql.${table} WHERE Time_zone_id = ?`, [found.id]);
  }
}
