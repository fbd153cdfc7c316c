import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Reading } from '../../fixtures/capture/outside.entities.js';
import { describeOn, postgres } from '../../support/databases.js';

const TABLES = [
  `CREATE TABLE reading (bucket int, id int, text varchar(100) NOT NULL, PRIMARY KEY (bucket, id))
    PARTITION BY LIST (bucket)`,
  'CREATE TABLE reading_1 PARTITION OF reading FOR VALUES IN (1)',
  'CREATE TABLE reading_2 (id int NOT NULL, gone int, text varchar(100) NOT NULL, bucket int NOT NULL)',
  'ALTER TABLE reading_2 DROP COLUMN gone',
  'ALTER TABLE reading ATTACH PARTITION reading_2 FOR VALUES IN (2)',
];

describeOn([postgres], 'a partitioned table on $name', (database) => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(database, { entities: [Reading] });
    for (const sql of TABLES) await world.dataSource.query(sql);
    world.install();
  });
  afterAll(() => world.close());

  const readings = () => world.dataSource.getRepository(Reading);
  const seen = (fn: () => Promise<unknown>) =>
    world
      .eventsOf(fn)
      .then((events) =>
        events.map(({ event, objectId, prechange }) => [event, objectId, prechange?.['text']]),
      );

  it.each([1, 2])('is inserted into, updated and deleted: partition %i', async (bucket) => {
    const events = await seen(async () => {
      await readings().insert({ bucket, id: 9, text: 'a' });
      await readings().update({ bucket, id: 9 }, { text: 'b' });
      await readings().delete({ bucket, id: 9 });
    });
    expect(events.map(([event]) => event)).toEqual(['create', 'update', 'delete']);
  });

  it.each([1, 2])('is upserted into: partition %i', async (bucket) => {
    await readings().insert({ bucket, id: 1, text: 'old' });
    const both = [
      { bucket, id: 1, text: 'x' },
      { bucket, id: 2, text: 'y' },
    ];
    const events = await seen(() => readings().upsert(both, ['bucket', 'id']));
    expect(events).toEqual([
      ['update', `[${bucket},1]`, 'old'],
      ['create', `[${bucket},2]`, undefined],
    ]);
    const again = both.map((reading) => ({ ...reading, text: 'z' }));
    expect(await seen(() => readings().upsert(again, ['bucket', 'id']))).toEqual([
      ['update', `[${bucket},1]`, 'x'],
      ['update', `[${bucket},2]`, 'y'],
    ]);
  });

  it.each([1, 2])('meets a row inserted in the same instant: partition %i', async (bucket) => {
    const key = { bucket, id: 7 };
    const runner = world.dataSource.createQueryRunner();
    const events = await seen(async () => {
      await runner.startTransaction();
      await runner.manager.insert(Reading, { ...key, text: 'first' });
      const upsert = readings().upsert({ ...key, text: 'second' }, ['bucket', 'id']);
      await delay(100);
      await runner.commitTransaction();
      await runner.release();
      await upsert;
    });
    expect(events.map(([event, , text]) => [event, text])).toEqual([
      ['create', undefined],
      ['update', 'first'],
    ]);
  });
});
