import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A program that runs with a temporary folder of its own, by which what it leaves behind is found. */
export class RunningProgram {
  readonly temporary = mkdtempSync(join(tmpdir(), 'program-'));
  output = '';
  readonly child: ChildProcess;
  private readonly ended: Promise<number | NodeJS.Signals | null>;

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    // Root's PostgreSQL runs under another account, which must enter.
    chmodSync(this.temporary, 0o777);
    this.child = spawn(command, args, {
      cwd: ROOT,
      ...options,
      env: { ...ownEnvironment(), TMPDIR: this.temporary, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve(code ?? signal));
    });
  }

  /** Resolves when the program has ended, with its exit code or the signal that ended it. */
  async end(): Promise<{ end: number | NodeJS.Signals | null; output: string }> {
    return { end: await this.ended, output: this.output };
  }

  /** Command lines of processes that have to do with the temporary folder, and what is in it. */
  leftovers(): string[] {
    const processes = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
    const lines = processes.map((pid) => commandLine(pid)).filter((line) => line.includes(this.temporary));
    const files = existsSync(this.temporary) ? readdirSync(this.temporary) : [];
    return [...lines, ...files.filter((name) => name.startsWith('nestjs-webhooks-'))];
  }

  remove(): void {
    this.child.kill('SIGKILL');
    rmSync(this.temporary, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What the test run itself needs must not reach the program. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(DATABASE_URL|REDIS_URL|MYSQL_URL|NODE_ENV|NODE_OPTIONS|VITEST.*)$/.test(name),
  );
  return Object.fromEntries(kept);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
