import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { OutboxWriter } from '../../../lib/outbox/outbox.writer.js';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Pair } from '../../fixtures/capture/keys.entities.js';
import { Report } from '../../fixtures/capture/special.entities.js';
import { describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';

const COUNT = 600;

describeOn([postgres, mariadb, sqljs], 'many objects in one transaction on $name', (database) => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(database, { entities: [Report] });
  });
  beforeEach(async () => {
    world.uninstall();
    await world.reset();
    await world.dataSource
      .getRepository(Pair)
      .insert(Array.from({ length: COUNT }, (_, right) => ({ left: 1, right, text: 'a' })));
    world.install();
  });
  afterAll(() => world.close());

  const update = () => world.dataSource.getRepository(Pair).updateAll({ text: 'b' });
  const changed = () => world.dataSource.getRepository(Pair).countBy({ text: 'b' });

  /** Runs before each batch is written, which fails if it throws. */
  const beforeEachBatch = (look: () => void) => {
    const writer = new OutboxWriter();
    const write: OutboxWriter['write'] = async (...batch) => {
      look();
      await writer.write(...batch);
    };
    world.install({}, { writer: { write } });
  };

  it('have one event each, in the order in which they were touched', async () => {
    await update();
    const events = await world.events();
    expect(events.map(({ objectId }) => objectId)).toEqual(
      Array.from({ length: COUNT }, (_, right) => `[1,${right}]`),
    );
    expect(new Set(events.map(({ postchange }) => postchange?.['text']))).toEqual(new Set(['b']));
    expect(world.signals).toBe(1);
  });

  it('leave the event loop to others between two batches', async () => {
    const turns: number[] = [];
    let turn = 0;
    let timer = setImmediate(function next() {
      turn += 1;
      timer = setImmediate(next);
    });
    beforeEachBatch(() => turns.push(turn));
    await update();
    clearImmediate(timer);
    expect(turns.length).toBeGreaterThan(2);
    // sql.js answers at once: there it is only pauses that do, once they are due.
    expect(new Set(turns).size).toBeGreaterThanOrEqual(database === sqljs ? 1 : turns.length);
  });

  it('are all left as they were when a batch cannot be written, be it the first or the last', async () => {
    for (const failing of [1, 3]) {
      let batches = 0;
      beforeEachBatch(() => {
        batches += 1;
        if (batches === failing) throw new Error('disk full');
      });
      await expect(update()).rejects.toMatchObject({
        code: 'WEBHOOKS_CAPTURE_FAILED',
        cause: { message: 'disk full' },
      });
      expect(batches).toBe(failing);
      expect(await changed()).toBe(0);
      expect(await world.events()).toEqual([]);
    }
  });

  it('are all left as they were when the last one cannot be serialised', async () => {
    const reports = Array.from({ length: COUNT }, (_, index) => ({
      title: index === COUNT - 1 ? 'unspeakable' : 'a report',
    }));
    await expect(world.dataSource.getRepository(Report).insert(reports)).rejects.toMatchObject({
      code: 'WEBHOOKS_SERIALIZER_FAILED',
    });
    expect(await world.dataSource.getRepository(Report).count()).toBe(0);
    expect(await world.events()).toEqual([]);
  });
});
