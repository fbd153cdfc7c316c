import { existsSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startEmbeddedPostgres } from '../../../sample-app/services/embedded-postgres.js';
import { ServiceUnavailableError } from '../../../sample-app/services/service-unavailable.error.js';

const asRoot = process.getuid?.() === 0;

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe.skipIf(process.platform === 'win32')('the embedded PostgreSQL', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'embedded-postgres-test-'));
    await chmod(folder, 0o755);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  it('answers on 127.0.0.1 only, to its password only, and leaves nothing behind', async () => {
    const server = await startEmbeddedPostgres();
    const settings = await query(
      server.url,
      `SELECT name, setting FROM pg_settings WHERE name IN ('listen_addresses', 'unix_socket_directories', 'fsync') ORDER BY name`,
    );
    expect(settings.map(({ setting }) => setting)).toEqual(['on', '127.0.0.1', '']);
    const stranger = new URL(server.url);
    stranger.password = 'wrong';
    await expect(query(stranger.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    await server.close();
    expect(existsSync(dirname(server.data))).toBe(false);
    await expect(query(server.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  it('keeps its data between runs, and refuses data that another program uses', async () => {
    const options = { data: join(folder, '.data', 'postgres'), password: 'kept' };
    const first = await startEmbeddedPostgres(options);
    expect(first.keepsData).toBe(true);
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await expect(startEmbeddedPostgres(options)).rejects.toThrow('another program is using it');
    await first.close();
    const second = await startEmbeddedPostgres(options);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.close();
  });

  it('ignores what the environment says of another PostgreSQL', async () => {
    vi.stubEnv('PGPORT', '1');
    vi.stubEnv('PGDATA', '/nowhere');
    const server = await startEmbeddedPostgres();
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.close();
  });

  it.skipIf(!asRoot)('runs for root under another account, in folders that only root can enter', async () => {
    await chmod(folder, 0o700);
    vi.stubEnv('TMPDIR', folder);
    const server = await startEmbeddedPostgres({ data: join(folder, 'data') });
    expect(server.keepsData).toBe(false);
    expect(statSync(server.data).uid).not.toBe(0);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.close();
  });

  it.skipIf(asRoot)('says plainly that a folder cannot be written', async () => {
    await chmod(folder, 0o500);
    const start = startEmbeddedPostgres({ data: join(folder, '.data', 'postgres') });
    await expect(start).rejects.toThrow(ServiceUnavailableError);
    await expect(start).rejects.toThrow('DATABASE_URL');
    await chmod(folder, 0o700);
  });
});
