import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.js';

const HELP = `Usage: nestjs-webhooks reencrypt --data-source <file> --keys <variables>

Encrypts the stored secrets of all webhooks, and the bodies that hold them, with the first key; afterwards the older
keys may be removed.

  --data-source <file>  module that exports a TypeORM DataSource which knows WEBHOOKS_ENTITIES, as for the typeorm command
  --keys <variables>    names of the environment variables with the keys, separated by commas: first the new key, then
                        the older ones (default WEBHOOKS_KEY)
  -h, --help            show this text`;

/** What is used of a TypeORM data source; the command itself needs no packages to start. */
interface DataSourceLike {
  readonly isInitialized: boolean;
  initialize(): Promise<unknown>;
  destroy(): Promise<void>;
}

interface Library {
  reencryptSecrets(dataSource: DataSourceLike, keys: { keys: readonly string[] }): Promise<number>;
}

/**
 * Encrypts stored secrets with the first key.
 *
 * @throws UsageError
 */
export async function runReencrypt(args: readonly string[]): Promise<void> {
  const { help, file, keys } = parse(args);
  if (help) {
    console.log(HELP);
    return;
  }
  const dataSource = await loadDataSource(file);
  // By its name, so that the receiver starts without what the library needs.
  const library = 'nestjs-webhooks';
  const { reencryptSecrets } = (await import(library)) as Library;
  if (!dataSource.isInitialized) await dataSource.initialize();
  try {
    const count = await reencryptSecrets(dataSource, { keys });
    console.log(
      count === 0
        ? 'Every secret was encrypted with the first key already. Older keys may be removed.'
        : `Encrypted ${count} ${count === 1 ? 'secret' : 'secrets'} with the first key. Older keys may be removed.`,
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('WEBHOOKS_')) {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  } finally {
    await dataSource.destroy();
  }
}

function parse(args: readonly string[]): { help: boolean; file: string; keys: string[] } {
  const { values } = parseOptions(args);
  if (values.help === true) return { help: true, file: '', keys: [] };
  const file = values['data-source'];
  if (file === undefined)
    throw new UsageError('--data-source is missing. See "nestjs-webhooks reencrypt --help".');
  const keys = values.keys.split(',').map((name) => {
    const key = process.env[name.trim()];
    if (key === undefined || key === '') {
      throw new UsageError(
        `The environment variable ${name.trim()} is not set. --keys names the variables that hold the keys.`,
      );
    }
    return key;
  });
  return { help: false, file, keys };
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'data-source': { type: 'string' },
        keys: { type: 'string', default: 'WEBHOOKS_KEY' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message} See "nestjs-webhooks reencrypt --help".`, {
      cause: error,
    });
  }
}

async function loadDataSource(file: string): Promise<DataSourceLike> {
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`${file} cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
  const found = Object.values(exported).find(isDataSource);
  if (found === undefined) throw new UsageError(`${file} exports no TypeORM DataSource.`);
  return found;
}

function isDataSource(value: unknown): value is DataSourceLike {
  return typeof value === 'object' && value !== null && 'isInitialized' in value && 'initialize' in value;
}
