import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Account } from './unprivileged-account.js';

/** A server as the keeper runs it. */
export interface KeptCommand extends Partial<Account> {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What asks it to stop. */
  readonly signal: NodeJS.Signals;
}

/**
 * A small process of its own that runs a server and outlives this one by exactly the time the server needs to stop:
 * no process and no temporary folder stays behind, whether this program closes it, is interrupted, or is killed.
 */
export class Keeper {
  private readonly child: ChildProcess;
  private output = '';
  private listener: (() => void) | undefined;
  private hasEnded = false;
  private readonly ended: Promise<void>;

  /** `remove` lists the folders that go when the server has stopped. */
  constructor(remove: readonly string[]) {
    const script = fileURLToPath(new URL('./keeper-process.mjs', import.meta.url));
    const { NODE_OPTIONS: _, ...env } = process.env;
    // A session of its own: Ctrl+C reaches this program only, which may still need the server to close in order.
    this.child = spawn(process.execPath, [script, JSON.stringify({ remove })], {
      cwd: tmpdir(),
      detached: true,
      env,
      stdio: ['pipe', 'ignore', 'pipe'],
      windowsHide: true,
    });
    this.child.stdin?.on('error', () => undefined);
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.output = (this.output + text).slice(-16_384);
      this.listener?.();
    });
    this.ended = new Promise((resolve) => {
      const end = (error?: unknown) => {
        if (error instanceof Error) this.output += error.message;
        this.hasEnded = true;
        this.listener?.();
        resolve();
      };
      // `close` comes when its last words have been read; a process that could not be made has only an error.
      this.child.once('close', () => end()).once('error', end);
    });
    // A program that forgets to close must still be able to end.
    this.hold(false);
  }

  /** Runs the server; resolves once its log says `ready`, rejects with the log when it ends instead. */
  async run(command: KeptCommand, ready: string | RegExp): Promise<void> {
    this.hold(true);
    try {
      this.child.stdin?.write(`${JSON.stringify(command)}\n`);
      await new Promise<void>((resolve, reject) => {
        this.listener = () => {
          if (this.output.search(ready) >= 0) resolve();
          else if (this.hasEnded) reject(new Error(this.output.trim()));
        };
        this.listener();
      });
    } finally {
      this.listener = undefined;
      this.hold(false);
    }
  }

  /** Stops the server and removes the folders; resolves when both are gone. Safe to call twice. */
  async close(): Promise<void> {
    if (this.hasEnded) return;
    this.hold(true);
    this.child.stdin?.end();
    await this.ended;
  }

  private hold(held: boolean): void {
    const verb = held ? 'ref' : 'unref';
    this.child[verb]();
    for (const stream of [this.child.stdin, this.child.stderr])
      (stream as { ref?(): void; unref?(): void } | null)?.[verb]?.();
  }
}
