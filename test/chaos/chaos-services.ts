import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../sample-app/services/free-port.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../sample-app/services/embedded-postgres.js';

const PASSWORD = 'chaos';

/** A PostgreSQL of our own that can be restarted on the same port and data. */
export class RestartablePostgres {
  private server: EmbeddedPostgres | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<RestartablePostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'webhooks-chaos-'));
    await chmod(folder, 0o777);
    const postgres = new RestartablePostgres(folder, await freePort());
    await postgres.up();
    return postgres;
  }

  get url(): string {
    return `postgres://postgres:${PASSWORD}@127.0.0.1:${this.port}/postgres`;
  }

  async restart(): Promise<void> {
    await this.server?.close();
    await this.up();
  }

  async close(): Promise<void> {
    await this.server?.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async up(): Promise<void> {
    this.server = await startEmbeddedPostgres({
      data: join(this.folder, 'data'),
      password: PASSWORD,
      settings: { port: String(this.port), max_connections: '200' },
    });
  }
}

/** A redis-server of our own that can be restarted on the same port, empty. */
export class RestartableRedis {
  private child: ChildProcess | undefined;

  private constructor(readonly port: number) {}

  static async start(): Promise<RestartableRedis> {
    const redis = new RestartableRedis(await freePort());
    await redis.up();
    return redis;
  }

  async restart(): Promise<void> {
    await this.close();
    await this.up();
  }

  async flush(): Promise<void> {
    const client = new Redis(this.port, '127.0.0.1');
    await client.flushall();
    client.disconnect();
  }

  async close(): Promise<void> {
    if (this.child === undefined) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  private async up(): Promise<void> {
    const child = spawn(
      'redis-server',
      ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      { stdio: ['ignore', 'pipe', 'inherit'], cwd: tmpdir() },
    );
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.stdout.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('Ready to accept connections')) resolve();
      });
    });
  }
}

/** A program that can be killed and started again. */
export class RestartableProgram {
  private child: ChildProcess | undefined;

  constructor(
    private readonly program: string,
    private readonly options: () => object,
    private readonly execArgv: readonly string[] = [],
  ) {}

  /** Resolves when the program says that it is ready; tries again while its services are away. */
  async start(): Promise<void> {
    for (let left = 10; ; left--) {
      try {
        return await this.startOnce();
      } catch (error) {
        if (left === 0) throw error;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    }
  }

  private async startOnce(): Promise<void> {
    const child = fork(this.program, [JSON.stringify(this.options())], {
      execArgv: [...this.execArgv],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child = child;
    let complaints = '';
    child.stderr?.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-2_000)));
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', (code, signal) =>
        // Killed before it was ready is part of the game.
        signal === null ? reject(new Error(`${this.program} ended with ${code}: ${complaints}`)) : resolve(),
      );
    });
  }

  /** kill -9, at whatever it is doing. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
}
