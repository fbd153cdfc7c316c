import { AsyncLocalStorage } from 'node:async_hooks';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Pair } from '../../fixtures/capture/keys.entities.js';
import { betterSqlite3, describeOn, sqljs } from '../../support/databases.js';

describeOn([sqljs, betterSqlite3], 'transactions on the one connection of $name', (database) => {
  let world: CaptureWorld;
  beforeEach(async () => {
    world = await CaptureWorld.open(database);
    await world.dataSource.getRepository(Pair).save({ left: 1, right: 1, text: 'a' });
    world.install();
  });
  afterEach(() => world.close());

  const texts = async () =>
    (await world.dataSource.getRepository(Pair).find({ order: { right: 'ASC' } })).map(({ text }) => text);
  it.each([
    [
      'transaction()',
      () => world.dataSource.transaction((manager) => manager.insert(Pair, { left: 1, right: 2, text: 'b' })),
    ],
    ['save()', () => world.dataSource.getRepository(Pair).save({ left: 1, right: 2, text: 'b' })],
    ['insert()', () => world.dataSource.getRepository(Pair).insert({ left: 1, right: 2, text: 'b' })],
  ])('%s keeps what it committed when another transaction is rolled back', async (_, write) => {
    const { passed, open } = gate();
    const first = world.dataSource.transaction(async (manager) => {
      await manager.update(Pair, { left: 1 }, { text: 'x' });
      await passed;
      throw new Error('undo');
    });
    const second = write();
    setTimeout(open, 20);
    await expect(first).rejects.toThrow('undo');
    await second;
    expect(await texts()).toEqual(['a', 'b']);
    expect((await world.events()).map(({ event, objectId }) => `${event} ${objectId}`)).toEqual([
      'create [1,2]',
    ]);
  });

  it('lets transactions pass in the order in which they came', async () => {
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        world.dataSource.transaction(async (manager) => {
          await manager.update(Pair, { left: 1 }, { text: String(index) });
          order.push(index);
        }),
      ),
    );
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
    const events = await world.events();
    expect(events.map(({ prechange, postchange }) => [prechange?.['text'], postchange?.['text']])).toEqual(
      order.map((index) => [index === 0 ? 'a' : String(index - 1), String(index)]),
    );
  });

  it('nests what belongs to a transaction, also without its manager', async () => {
    const undone = world.dataSource.transaction(async () => {
      await world.dataSource.getRepository(Pair).save({ left: 1, right: 2, text: 'b' });
      throw new Error('undo');
    });
    await expect(undone).rejects.toThrow('undo');
    expect(await texts()).toEqual(['a']);
    expect(await world.events()).toEqual([]);
  });

  it('does not wait for ever for a transaction that was begun by hand', async () => {
    // As the body of a test is outside of the context of its `beforeEach`.
    const outside = AsyncLocalStorage.snapshot();
    const runner = world.dataSource.createQueryRunner();
    await runner.startTransaction();
    const save = () => world.dataSource.getRepository(Pair).save({ left: 1, right: 2, text: 'b' });
    const began = Date.now();
    await outside(save);
    expect(Date.now() - began).toBeGreaterThan(500);
    await runner.rollbackTransaction();
    expect(await texts()).toEqual(['a']);
  });

  it('gives the turn on when a transaction cannot commit', async () => {
    world.install({}, { writer: { write: () => Promise.reject(new Error('no outbox')) } });
    const save = () => world.dataSource.getRepository(Pair).save({ left: 1, right: 2, text: 'b' });
    const results = await Promise.allSettled([save(), save()]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    world.install();
    await save();
    expect(await texts()).toEqual(['a', 'b']);
  });
});

describeOn([betterSqlite3], 'a file of $name that something else has open', (database) => {
  it('passes on that the file is busy, and captures when it is not', async () => {
    const world = await CaptureWorld.open(database, { timeout: 0 });
    const { options } = world.dataSource;
    const other = await new DataSource({ ...options, logging: false }).initialize();
    try {
      world.install();
      const save = (text: string) => world.dataSource.getRepository(Pair).save({ left: 1, right: 1, text });
      await save('a');
      const busy = await other.transaction(async (manager) => {
        await manager.update(Pair, { left: 1 }, { text: 'unheard' });
        return save('b').catch((error: unknown) => error);
      });
      expect(busy).toMatchObject({ driverError: { code: 'SQLITE_BUSY' } });
      await save('c');
      const seen = (await world.events()).map(({ event, prechange }) => [event, prechange?.['text']]);
      expect(seen).toEqual([
        ['create', undefined],
        ['update', 'unheard'],
      ]);
    } finally {
      await other.destroy();
      await world.close();
    }
  });
});

/** A door that opens once. */
function gate() {
  let open!: () => void;
  return { passed: new Promise<void>((resolve) => (open = resolve)), open: () => open() };
}
