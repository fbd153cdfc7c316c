import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../sample-app/services/free-port.js';
import { Keeper } from '../../sample-app/services/keeper.js';

/**
 * Starts `redis-server` on 127.0.0.1 without persistence; `undefined` where it is not installed.
 *
 * @param at - port, to come back where an earlier one was; any free one unless given
 */
export async function startRedisServer(
  at?: number,
): Promise<{ url: string; port: number; close: () => Promise<void> } | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'nestjs-webhooks-redis-'));
  const keeper = new Keeper([folder]);
  const port = at ?? (await freePort());
  const settings = [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ];
  try {
    await keeper.run(
      { command: 'redis-server', args: settings, cwd: folder, env: process.env, signal: 'SIGTERM' },
      'Ready to accept connections',
    );
  } catch (error) {
    await keeper.close();
    if ((error as Error).message.includes('ENOENT')) return undefined;
    throw error;
  }
  return { url: `redis://127.0.0.1:${port}`, port, close: () => keeper.close() };
}
