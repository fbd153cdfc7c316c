import { expect, it } from 'vitest';
import { CaptureWorld, type SeenEvent } from '../../fixtures/capture/capture-world.js';
import { objectStates } from '../../fixtures/capture/object-states.js';
import { createLabels, randomNumbers, randomTransaction } from '../../fixtures/capture/random-writes.js';
import { Item, Label, Part, Setting } from '../../fixtures/capture/stress.entities.js';
import { describeOn, mariadb, otherPostgres, postgres, type TestDatabase } from '../../support/databases.js';

const WORKERS = 10;
const TRANSACTIONS = Number(process.env['STRESS_TRANSACTIONS'] ?? 60);
const SEEDS = [1, 20_260, 987_654_321];

describeOn([postgres, otherPostgres, mariadb], 'concurrent random writes on $name', (database) => {
  const deadlocks = { without: 0, with: 0 };

  it.each(SEEDS)(
    'seed %i: one unbroken chain of snapshots for each object',
    { timeout: 120_000 },
    async (seed) => {
      deadlocks.without += (await stress(database, seed, false)).deadlocks;
      const { deadlocks: count, events, states, chains } = await stress(database, seed, true);
      deadlocks.with += count;
      expect(events).toBeGreaterThan(500);
      expect(chains.broken).toEqual([]);
      const missing = [...states].filter(([id, state]) => chains.last.get(id) !== state);
      expect(missing).toEqual([]);
      const surplus = [...chains.last].filter(([id, state]) => state !== null && states.get(id) !== state);
      expect(surplus).toEqual([]);
    },
  );

  it('makes no more than twice the deadlocks', () => {
    // Both are counts of rare events, which chance moves by their root: three deviations of the difference.
    const chance = 3 * Math.sqrt(deadlocks.with + 4 * deadlocks.without);
    expect(deadlocks.with).toBeLessThanOrEqual(deadlocks.without * 2 + chance);
  });
});

/** A deadlock is found at once instead of after a second. */
const QUICK = { options: '-c deadlock_timeout=20ms -c synchronous_commit=off' };

async function stress(database: TestDatabase, seed: number, captured: boolean) {
  const world = await CaptureWorld.open(database, {
    entities: [Item, Label, Part, Setting],
    ...(database.name === 'postgres'
      ? { poolSize: WORKERS + 2, extra: QUICK }
      : { extra: { connectionLimit: WORKERS + 2 } }),
    logging: false,
  });
  try {
    await createLabels(world.dataSource.manager);
    if (captured) await world.install().learnConstraints();
    const counts = await Promise.all(
      Array.from({ length: WORKERS }, (_, index) => work(world, seed * 31 + index)),
    );
    const deadlocks = counts.reduce((sum, count) => sum + count, 0);
    world.uninstall();
    const events = await world.events();
    const states = new Map<string, string>();
    for (const [id, { snapshot, deleted }] of await objectStates(world)) {
      if (!deleted) states.set(id, canonical(snapshot));
    }
    return { deadlocks, events: events.length, states, chains: chainsOf(events) };
  } finally {
    await world.close();
  }
}

/** Runs transactions, each again when the database chose it as the victim of a deadlock, as an application would. */
async function work({ dataSource }: CaptureWorld, seed: number): Promise<number> {
  const random = randomNumbers(seed);
  let deadlocks = 0;
  for (let index = 0; index < TRANSACTIONS; index += 1) {
    for (;;) {
      try {
        await randomTransaction(dataSource.manager, random);
        break;
      } catch (error) {
        if (!isDeadlock(error)) throw error;
        deadlocks += 1;
      }
    }
  }
  return deadlocks;
}

function isDeadlock(error: unknown): boolean {
  const { code, errno } = (error as { driverError?: { code?: unknown; errno?: unknown } }).driverError ?? {};
  // Two that add the same row of a join table: an application would try again as well.
  return (
    code === '40P01' ||
    code === '23505' ||
    code === '23503' ||
    [1213, 1205, 1062, 1452].includes(errno as number)
  );
}

function chainsOf(events: readonly SeenEvent[]) {
  const last = new Map<string, string | null>();
  const broken: string[] = [];
  for (const event of events) {
    const id = `${event.model} ${event.objectId}`;
    const before = event.prechange === null ? null : canonical(event.prechange);
    const known = last.get(id) ?? null;
    if (before !== known) broken.push(`${id} ${event.event}: ${known} then ${before}`);
    last.set(id, event.postchange === null ? null : canonical(event.postchange));
  }
  return { last, broken };
}

function canonical(snapshot: Record<string, unknown>): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(snapshot).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  );
}
