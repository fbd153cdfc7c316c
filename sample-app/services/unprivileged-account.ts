import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Who a process runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const NAMES = ['nobody', 'daemon', 'bin'];

/**
 * The account that a server which refuses root runs as: the owner of its data, else one that every system has.
 * `undefined` when this program is not root.
 */
export function unprivilegedAccount(data?: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (data !== undefined && existsSync(data)) {
    const { uid, gid } = statSync(data);
    if (uid !== 0) return { uid, gid };
  }
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of NAMES) {
    const account = accounts.find((fields) => fields[0] === name);
    if (account !== undefined) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  return { uid: 65_534, gid: 65_534 };
}

/** Whether the account can enter a folder and every folder above it. */
export function canEnter(folder: string, account: Account | undefined): boolean {
  if (account === undefined) return true;
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (!existsSync(path)) return false;
    const { mode, uid } = statSync(path);
    if ((mode & (uid === account.uid ? 0o100 : 0o001)) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
