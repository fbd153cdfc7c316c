import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ServiceUnavailableError } from './service-unavailable.error.js';
import type { Account } from './unprivileged-account.js';

/** One server and where its parts are. */
export interface PostgresServer {
  /** Folder of the programs. */
  readonly bin: string;
  /** Folder that goes with the server. */
  readonly work: string;
  readonly data: string;
  readonly account: Account | undefined;
  readonly password: string;
}

/** Creates the data unless it is there; refuses data of another version or account. */
export async function preparePostgresData(server: PostgresServer): Promise<void> {
  if (!existsSync(server.data)) return createData(server);
  const { uid } = statSync(server.data);
  const user = server.account?.uid ?? process.getuid?.() ?? uid;
  if (uid !== user) throw ofAnotherAccount(server.data);
  if (!existsSync(join(server.data, 'PG_VERSION'))) return createData(server);
  await checkVersion(server);
}

/** What is set for a PostgreSQL of the host must not reach the embedded one. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/** The line of a log that says what went wrong, as the end of a sentence. */
export function complaintIn(log: string): string {
  const lines = log.trim().split('\n');
  const line = lines.findLast((text) => /error|fatal|could not/i.test(text)) ?? lines.at(-1) ?? '';
  return line.replace(/^.*?(error|fatal): +/i, '').replace(/[.:]?$/, '.');
}

async function createData({ bin, work, data, account, password }: PostgresServer): Promise<void> {
  const passwordFile = join(work, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  await mkdir(data, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw ofAnotherAccount(data, { cause });
  });
  if (account !== undefined)
    await Promise.all([data, passwordFile].map((path) => chown(path, account.uid, account.gid)));
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const text = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = [`--pgdata=${data}`, ...access, ...text, '--no-sync', '--no-instructions'];
  try {
    const options = { cwd: work, env: postgresEnvironment(), ...account };
    await promisify(execFile)(join(bin, 'initdb'), args, options);
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string };
    throw new ServiceUnavailableError(
      `The embedded PostgreSQL could not create its data in ${data}: ${complaintIn(stderr)} Set DATABASE_URL to use a server of yours.`,
      { cause },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function checkVersion({ bin, data, account }: PostgresServer): Promise<void> {
  const made = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  const options = { cwd: dirname(bin), ...account };
  const { stdout } = await promisify(execFile)(join(bin, 'postgres'), ['--version'], options);
  if (stdout.includes(` ${made}.`)) return;
  throw new ServiceUnavailableError(
    `The data in ${data} was made by PostgreSQL ${made}, which is not the embedded version. Remove that folder to start afresh.`,
  );
}

function ofAnotherAccount(data: string, options?: ErrorOptions): ServiceUnavailableError {
  return new ServiceUnavailableError(
    `The folder ${data} belongs to another account. Remove it to start afresh, or set DATABASE_URL.`,
    options,
  );
}
