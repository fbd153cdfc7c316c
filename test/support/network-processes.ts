import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { NetworkProcessOptions } from '../fixtures/network/network-process.js';
import { transpile, type Transpiled } from './transpile.js';

/** A process that runs the network application. */
export interface NetworkProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Asks it to stop and waits until it has. Gives its exit code. */
  stop(): Promise<number | null>;
}

/** Compiles the application once and starts processes of it. */
export class NetworkProcesses {
  private readonly started: NetworkProcess[] = [];

  private constructor(private readonly compiled: Transpiled) {}

  static async compile(): Promise<NetworkProcesses> {
    return new NetworkProcesses(await transpile('network', ['lib', 'test']));
  }

  /** Starts a process and waits until it is ready. */
  async start(options: NetworkProcessOptions): Promise<NetworkProcess> {
    const program = join(this.compiled.folder, 'test/fixtures/network/network-process.js');
    const child = spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`The process ended with ${code} before it was ready.`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
      });
    });
    const started: NetworkProcess = {
      url,
      child,
      stop: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
        child.kill('SIGTERM');
        await once(child, 'exit');
        return child.exitCode;
      },
    };
    this.started.push(started);
    return started;
  }

  /** Stops every process and removes what was compiled. */
  async close(): Promise<void> {
    await Promise.all(this.started.map((process) => process.stop()));
    await this.compiled.remove();
  }
}
