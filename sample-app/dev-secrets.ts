import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a real application takes from its secret store. */
export interface DevSecrets {
  /** Encrypts the secrets of webhooks at rest. */
  readonly webhooksKey: string;
  /** Of the embedded PostgreSQL. */
  readonly databasePassword: string;
  /** Bearer tokens by user name. */
  readonly tokens: Readonly<Record<'admin' | 'engineer', string>>;
}

/** The secrets kept in the folder, made on the first start; without a folder, new ones. */
export async function devSecrets(folder?: string): Promise<DevSecrets> {
  if (folder === undefined) return generate();
  const file = join(folder, 'dev-secrets.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as DevSecrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secrets = generate();
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}

function generate(): DevSecrets {
  return {
    webhooksKey: randomBytes(32).toString('base64'),
    databasePassword: randomToken(),
    tokens: { admin: randomToken(), engineer: randomToken() },
  };
}

function randomToken(): string {
  return randomBytes(18).toString('base64url');
}
