import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { Keeper } from '../../../sample-app/services/keeper.js';

const KEEPER = fileURLToPath(new URL('../../../sample-app/services/keeper-process.mjs', import.meta.url));
// A server that says who it is, and takes its time to stop.
const SERVER = `
  require('node:fs').writeFileSync('pid', String(process.pid));
  process.on('SIGINT', () => setTimeout(() => process.exit(), 200));
  setInterval(() => undefined, 1000);
  console.error('ready');
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const gone = (pid: number, folder: string) =>
  vi.waitFor(() => expect([isAlive(pid), existsSync(folder)]).toEqual([false, false]), 8000);

/** The file is there before anything is in it, and no number at all would be taken for this process and its like. */
const pidIn = (folder: string) =>
  vi.waitFor(async () => {
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    expect(pid).toBeGreaterThan(0);
    return pid;
  }, 8000);

describe.skipIf(process.platform === 'win32')('the keeper', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'stops the server and removes the folder when the program ends by %s',
    async (signal) => {
      const folder = await mkdtemp(join(tmpdir(), 'keeper-test-'));
      const argument = JSON.stringify({ remove: [folder] });
      const command = { command: process.execPath, args: ['-e', SERVER], cwd: folder, signal: 'SIGINT' };
      const program = spawn(
        process.execPath,
        [
          '-e',
          `const { spawn } = require('node:child_process');
           const keeper = spawn(process.execPath, process.argv.slice(1, 3), { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
           keeper.stdin.write(process.argv[3] + '\\n');`,
          KEEPER,
          argument,
          JSON.stringify(command),
        ],
        { stdio: 'ignore' },
      );
      const pid = await pidIn(folder);
      expect(isAlive(pid)).toBe(true);
      program.kill(signal);
      await gone(pid, folder);
    },
  );

  it('gives up with the log of a server that does not start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keeper-test-'));
    const keeper = new Keeper([folder]);
    const args = ['-e', `console.error('no room'); process.exit(1)`];
    const command = { command: process.execPath, args, cwd: folder, env: {}, signal: 'SIGINT' as const };
    await expect(keeper.run(command, 'ready')).rejects.toThrow('no room');
    expect(existsSync(folder)).toBe(false);
    await keeper.close();
  });

  it('closes twice without complaint, when the server is gone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keeper-test-'));
    const keeper = new Keeper([folder]);
    const command = {
      command: process.execPath,
      args: ['-e', SERVER],
      cwd: folder,
      env: {},
      signal: 'SIGINT' as const,
    };
    await keeper.run(command, 'ready');
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    await Promise.all([keeper.close(), keeper.close()]);
    await keeper.close();
    expect([isAlive(pid), existsSync(folder)]).toEqual([false, false]);
  });
});
