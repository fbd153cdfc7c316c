import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WEBHOOKS_ENTITIES } from '../../lib/model/webhooks-entities.js';
import { SecretStore } from '../../lib/secrets/secret-store.js';
import { freePort } from '../../sample-app/services/free-port.js';
import { Router } from '../fixtures/network/router.entity.js';
import { Site } from '../fixtures/network/site.entity.js';
import { TEST_KEY } from '../support/application.js';
import { transpile, type Transpiled } from '../support/transpile.js';
import { waitFor } from '../support/wait-for.js';
import { createWebhook } from '../support/webhook-rows.js';
import { RestartablePostgres, RestartableProgram, RestartableRedis } from './chaos-services.js';

interface Arrival {
  readonly id: string;
  readonly name: string;
  readonly body: string;
  readonly error: string;
}

/** How often a worker is killed. */
const KILLS = 20;
const SECRET = 'a secret of the chaos test';

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe.each(['redis', 'postgres'] as const)('with its queue in %s', (store) => {
  let compiled: Transpiled;
  let postgres: RestartablePostgres;
  let redis: RestartableRedis;
  let dataSource: DataSource;
  let folder: string;
  const programs: RestartableProgram[] = [];

  beforeAll(async () => {
    compiled = await transpile('chaos', ['lib', 'test', 'sample-app/services']);
  });
  afterAll(() => compiled.remove());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webhooks-chaos-log-'));
    [postgres, redis] = await Promise.all([RestartablePostgres.start(), RestartableRedis.start()]);
    dataSource = await connect();
    await dataSource.synchronize();
  });
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.kill()));
    if (dataSource.isInitialized) await dataSource.destroy();
    await Promise.all([postgres.close(), redis.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  it('delivers what was committed and nothing else, whatever is killed or emptied', async () => {
    const port = await freePort();
    const [arrived, rolledBack] = [join(folder, 'arrived'), join(folder, 'rolled-back')];
    await Promise.all([writeFile(arrived, ''), writeFile(rolledBack, '')]);
    const webhook = await createWebhook(dataSource, { models: ['router'], url: `http://127.0.0.1:${port}/` });
    const secret = new SecretStore({ keys: [TEST_KEY] }).encrypt(webhook.id, 'secret', SECRET);
    await dataSource.query('UPDATE webhook SET secret = $1, revision = revision + 1', [secret]);

    let incarnation = 0;
    const program = (name: string, options: object, execArgv: string[] = []) => {
      const made = new RestartableProgram(
        join(compiled.folder, `test/chaos/${name}.js`),
        () => ({ ...options, name: `${incarnation++}` }),
        execArgv,
      );
      programs.push(made);
      return made;
    };
    const common = {
      store,
      database: postgres.url,
      redis: { host: '127.0.0.1', port: redis.port },
      rolledBack,
    };
    const receiver = program('receiver-process', { port, file: arrived, secret: SECRET });
    const web = program('chaos-process', { ...common, role: 'web' });
    const skewed = fileURLToPath(new URL('skewed-clock.mjs', import.meta.url));
    const workers = [
      program('chaos-process', { ...common, role: 'worker' }),
      program('chaos-process', { ...common, role: 'worker' }, ['--import', skewed]),
    ];
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
      await dataSource.destroy();
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

    dataSource = await connect();
    const committed = (await dataSource.getRepository(Router).find()).map(({ name }) => name);
    const arrivals = await waitFor(
      `${committed.length} committed events to arrive and be recorded`,
      async () => {
        const [row] = await dataSource.query<{ open: string }[]>(
          `SELECT (SELECT COUNT(*) FROM webhook_delivery WHERE status = 'pending') + (SELECT COUNT(*) FROM webhook_event WHERE dispatched_at IS NULL) AS open`,
        );
        return row?.open === '0' && readArrivals(arrived);
      },
      100_000,
    );

    const names = new Set(arrivals.map(({ name }) => name));
    expect(committed.filter((name) => !names.has(name))).toEqual([]);
    const kept = new Set(committed);
    expect(arrivals.filter(({ name }) => !kept.has(name))).toEqual([]);
    const reverted = (await readFile(rolledBack, 'utf8')).split('\n').filter((name) => name !== '');
    expect(reverted.length).toBeGreaterThan(10);
    expect(reverted.filter((name) => names.has(name))).toEqual([]);
    expect(arrivals.filter(({ error }) => error !== '')).toEqual([]);
    // One id and one body for each object, however often it came.
    const ids = new Map(arrivals.map(({ name, id }) => [name, id]));
    const bodies = new Map(arrivals.map(({ id, body }) => [id, body]));
    expect(arrivals.filter(({ name, id, body }) => ids.get(name) !== id || bodies.get(id) !== body)).toEqual(
      [],
    );
    const repeated = arrivals.length - committed.length;
    process.stdout.write(
      `chaos, queue in ${store}: ${committed.length} events committed, ${reverted.length} rolled back, ` +
        `${repeated} requests repeated (${((100 * repeated) / committed.length).toFixed(2)} %)\n`,
    );
    expect(committed.length).toBeGreaterThan(500);
  });

  function connect(): Promise<DataSource> {
    return new DataSource({
      type: 'postgres',
      url: postgres.url,
      entities: [...WEBHOOKS_ENTITIES, Router, Site],
    }).initialize();
  }
});

async function readArrivals(file: string): Promise<Arrival[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Arrival);
}
