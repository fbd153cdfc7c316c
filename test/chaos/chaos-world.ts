import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { WEBHOOKS_ENTITIES } from '../../lib/model/webhooks-entities.js';
import type { Webhook } from '../../lib/model/webhook.entity.js';
import { SecretStore } from '../../lib/secrets/secret-store.js';
import { freePort } from '../../sample-app/services/free-port.js';
import { Router } from '../fixtures/network/router.entity.js';
import { Site } from '../fixtures/network/site.entity.js';
import { TEST_KEY } from '../support/application.js';
import type { Transpiled } from '../support/transpile.js';
import { createWebhook } from '../support/webhook-rows.js';
import type { ChaosProcessOptions } from './chaos-process.js';
import { RestartablePostgres, RestartableProgram, RestartableRedis } from './chaos-services.js';

/** A request as the receiver wrote it down. */
export interface Arrival {
  readonly id: string;
  readonly name: string;
  readonly body: string;
  /** Why its signature is not right; empty when it is. */
  readonly error: string;
}

const SECRET = 'a secret of the chaos test';

/** Services, programs and a receiver of one test, each of which can be killed and started again. */
export class ChaosWorld {
  /** A connection of the test's own; see {@link reconnect}. */
  dataSource!: DataSource;
  private readonly programs: RestartableProgram[] = [];
  private incarnations = 0;

  private constructor(
    readonly postgres: RestartablePostgres,
    readonly redis: RestartableRedis,
    private readonly options: {
      readonly store: ChaosProcessOptions['store'];
      readonly compiled: Transpiled;
      readonly folder: string;
      readonly port: number;
    },
  ) {}

  static async start(store: ChaosProcessOptions['store'], compiled: Transpiled): Promise<ChaosWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'webhooks-chaos-log-'));
    const [postgres, redis] = await Promise.all([RestartablePostgres.start(), RestartableRedis.start()]);
    const world = new ChaosWorld(postgres, redis, { store, compiled, folder, port: await freePort() });
    await Promise.all([writeFile(world.file('arrived'), ''), writeFile(world.file('rolled-back'), '')]);
    await world.reconnect();
    await world.dataSource.synchronize();
    return world;
  }

  /** Defines a webhook for the receiver, which signs. */
  async define(values: Partial<Webhook> = {}): Promise<Webhook> {
    const { dataSource, options } = this;
    const url = `http://127.0.0.1:${options.port}/`;
    const webhook = await createWebhook(dataSource, { models: ['router'], url, ...values });
    const secret = new SecretStore({ keys: [TEST_KEY] }).encrypt(webhook.id, 'secret', SECRET);
    await dataSource.query('UPDATE webhook SET secret = $1, revision = revision + 1 WHERE id = $2', [
      secret,
      webhook.id,
    ]);
    return webhook;
  }

  web(): RestartableProgram {
    return this.application('web');
  }

  worker(execArgv: readonly string[] = []): RestartableProgram {
    return this.application('worker', execArgv);
  }

  /** @param status - what it answers with */
  receiver(status = 204): RestartableProgram {
    const { port } = this.options;
    return this.program('receiver-process', () => ({
      port,
      file: this.file('arrived'),
      secret: SECRET,
      status,
    }));
  }

  /** Connects anew, after the database was away. */
  async reconnect(): Promise<void> {
    this.dataSource = await new DataSource({
      type: 'postgres',
      url: this.postgres.url,
      entities: [...WEBHOOKS_ENTITIES, Router, Site],
    }).initialize();
  }

  /** What has arrived, in its order. */
  async arrivals(): Promise<Arrival[]> {
    return (await this.lines('arrived')).map((line) => JSON.parse(line) as Arrival);
  }

  /** Names of objects whose transactions were rolled back. */
  rolledBack(): Promise<string[]> {
    return this.lines('rolled-back');
  }

  async close(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.kill()));
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
    await Promise.all([this.postgres.close(), this.redis.close()]);
    await rm(this.options.folder, { recursive: true, force: true });
  }

  private application(role: ChaosProcessOptions['role'], execArgv: readonly string[] = []) {
    const options = (): ChaosProcessOptions => ({
      role,
      store: this.options.store,
      database: this.postgres.url,
      redis: { host: '127.0.0.1', port: this.redis.port },
      rolledBack: this.file('rolled-back'),
      name: `${this.incarnations++}`,
    });
    return this.program('chaos-process', options, execArgv);
  }

  private program(name: string, options: () => object, execArgv: readonly string[] = []): RestartableProgram {
    const file = join(this.options.compiled.folder, `test/chaos/${name}.js`);
    const program = new RestartableProgram(file, options, execArgv);
    this.programs.push(program);
    return program;
  }

  private file(name: string): string {
    return join(this.options.folder, name);
  }

  private async lines(name: string): Promise<string[]> {
    return (await readFile(this.file(name), 'utf8')).split('\n').filter((line) => line !== '');
  }
}
