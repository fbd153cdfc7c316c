import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Router } from '../fixtures/network/router.entity.js';
import { commitEvents } from '../support/outbox.js';
import { transpile, type Transpiled } from '../support/transpile.js';
import { waitFor } from '../support/wait-for.js';
import { ChaosWorld } from './chaos-world.js';

/** How often a worker is killed. */
const KILLS = 20;

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What must hold whatever is killed, emptied or restarted. Each store is a file of its own, so that both run side by side. */
export function chaosSuite(store: 'redis' | 'postgres'): void {
  describe(`with its queue in ${store}`, () => {
    let compiled: Transpiled;
    let world: ChaosWorld;

    beforeAll(async () => {
      compiled = await transpile('chaos', ['lib', 'test', 'sample-app/services']);
    });
    afterAll(() => compiled.remove());
    beforeEach(async () => {
      world = await ChaosWorld.start(store, compiled);
    });
    afterEach(() => world.close());

    it('delivers what was committed and nothing else, whatever is killed or emptied', async () => {
      const { postgres, redis } = world;
      await world.define();
      const [receiver, web] = [world.receiver(), world.web()];
      const skewed = fileURLToPath(new URL('skewed-clock.mjs', import.meta.url));
      const workers = [world.worker(), world.worker(['--import', skewed])];
      await receiver.start();
      await Promise.all([web, ...workers].map((each) => each.start()));

      const killWorkers = async (): Promise<void> => {
        for (let kill = 0; kill < KILLS; kill++) {
          await sleep(500 + Math.random() * 2_500);
          const worker = workers[kill % 2];
          await worker?.kill();
          await worker?.start();
        }
      };
      const disturb = async (): Promise<void> => {
        await sleep(5_000);
        await web.kill();
        await web.start();
        await sleep(5_000);
        await redis.restart();
        await sleep(5_000);
        await redis.flush();
        await sleep(5_000);
        await world.dataSource.destroy();
        await postgres.restart();
        await sleep(5_000);
        await receiver.kill();
        await sleep(4_000);
        await receiver.start();
        await web.kill();
        await web.start();
      };
      await Promise.all([killWorkers(), disturb()]);
      await web.kill();
      // A worker may have met the restart of the database while it started.
      for (const worker of workers) {
        await worker.stop();
        await worker.start();
      }

      await world.reconnect();
      const { dataSource } = world;
      const committed = (await dataSource.getRepository(Router).find()).map(({ name }) => name);
      const arrivals = await waitFor(
        `${committed.length} committed events to arrive and be recorded`,
        async () => {
          const [row] = await dataSource.query<{ open: string }[]>(
            `SELECT (SELECT COUNT(*) FROM webhook_delivery WHERE status = 'pending') + (SELECT COUNT(*) FROM webhook_event WHERE dispatched_at IS NULL) AS open`,
          );
          return row?.open === '0' && world.arrivals();
        },
        100_000,
      );

      const names = new Set(arrivals.map(({ name }) => name));
      expect(committed.filter((name) => !names.has(name))).toEqual([]);
      const kept = new Set(committed);
      expect(arrivals.filter(({ name }) => !kept.has(name))).toEqual([]);
      const reverted = await world.rolledBack();
      expect(reverted.length).toBeGreaterThan(10);
      expect(reverted.filter((name) => names.has(name))).toEqual([]);
      expect(arrivals.filter(({ error }) => error !== '')).toEqual([]);
      // One id and one body for each object, however often it came.
      const ids = new Map(arrivals.map(({ name, id }) => [name, id]));
      const bodies = new Map(arrivals.map(({ id, body }) => [id, body]));
      expect(
        arrivals.filter(({ name, id, body }) => ids.get(name) !== id || bodies.get(id) !== body),
      ).toEqual([]);
      const repeated = arrivals.length - committed.length;
      process.stdout.write(
        `chaos, queue in ${store}: ${committed.length} events committed, ${reverted.length} rolled back, ` +
          `${repeated} requests repeated (${((100 * repeated) / committed.length).toFixed(2)} %)\n`,
      );
      expect(committed.length).toBeGreaterThan(500);
    });

    it('a thousand deliveries that wait for a paused endpoint survive a restart of everything, in order', async () => {
      const [OBJECTS, EVENTS] = [50, 1_000];
      const { id } = await world.define({ ordered: true });
      const [failing, worker] = [world.receiver(500), world.worker()];
      await failing.start();
      await worker.start();
      await commitEvents(world.dataSource, EVENTS, (index) => ({
        objectId: String(index % OBJECTS),
        data: JSON.stringify({ name: `${index % OBJECTS} ${Math.floor(index / OBJECTS)}` }),
      }));
      await waitFor('the endpoint to rest, and all deliveries to wait', async () => {
        const [row] = await world.dataSource.query<{ waiting: string; rests: boolean }[]>(
          `SELECT COUNT(*) AS waiting, (SELECT paused_until IS NOT NULL FROM webhook WHERE id = $1) AS rests
         FROM webhook_delivery WHERE status = 'pending'`,
          [id],
        );
        return Number(row?.waiting) === EVENTS && row?.rests === true;
      });

      await worker.stop();
      await failing.kill();
      await world.dataSource.destroy();
      await Promise.all([world.redis.restart(), world.postgres.restart()]);
      const refused = (await world.arrivals()).length;
      await world.receiver().start();
      await worker.start();

      await world.reconnect();
      await waitFor(
        'all of them to arrive',
        async () => {
          const [row] = await world.dataSource.query<{ done: string }[]>(
            `SELECT COUNT(*) AS done FROM webhook_delivery WHERE status = 'succeeded'`,
          );
          return Number(row?.done) === EVENTS;
        },
        60_000,
      );
      const arrived = (await world.arrivals()).slice(refused);
      for (let object = 0; object < OBJECTS; object++) {
        const turns = arrived.flatMap(({ name }) =>
          name.startsWith(`${object} `) ? [Number(name.split(' ')[1])] : [],
        );
        expect(turns).toEqual(Array.from({ length: EVENTS / OBJECTS }, (_, turn) => turn));
      }
      expect(arrived.filter(({ error }) => error !== '')).toEqual([]);
    });
  });
}
