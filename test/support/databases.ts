import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { describe } from 'vitest';
import { betterSqlite3Available } from './better-sqlite3.js';
import {
  mysqlFlavour,
  postgresBeside,
  serviceUrl,
  type PostgresBeside,
  type ServiceVariable,
} from './services.js';

type ServerName = 'postgres' | 'mariadb' | 'mysql';

/** A kind of database that suites run on. */
export interface TestDatabase {
  readonly name: 'postgres' | 'mariadb' | 'mysql' | 'sqljs' | 'better-sqlite3';
  /** What titles say instead of the name. */
  readonly title?: string;
  /** Version of the server that its driver is made to believe in. */
  readonly version?: string;
  /** Whether it is there. `describeOn` skips a suite where it is not. */
  readonly available: boolean;
  /** Options of a new, empty database; `drop` removes it. */
  create(): Promise<{ options: DataSourceOptions; drop: () => Promise<void> }>;
}

export const postgres: TestDatabase = server('postgres', 'DATABASE_URL', '"');

/**
 * PostgreSQL of the other kind, for what depends on its version: one whose RETURNING knows old rows if `postgres` has none,
 * and the other way round.
 */
export const otherPostgres: TestDatabase = beside(postgresBeside());

/** MariaDB, or MySQL where `MYSQL_URL` leads to that. */
export const mariadb: TestDatabase = server(mysqlFlavour(), 'MYSQL_URL', '`');

export const sqljs: TestDatabase = {
  name: 'sqljs',
  available: true,
  create: () => Promise.resolve({ options: { type: 'sqljs' }, drop: () => Promise.resolve() }),
};

/** SQLite in a file. */
export const betterSqlite3: TestDatabase = {
  name: 'better-sqlite3',
  available: betterSqlite3Available,
  create: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'webhooks-test-'));
    return {
      // No test outlives its file: waiting for the disk would be most of what it takes.
      options: { type: 'better-sqlite3', database: join(folder, 'test.sqlite'), prepareDatabase: unsynced },
      drop: () => rm(folder, { recursive: true }),
    };
  },
};

function unsynced(database: { pragma(text: string): unknown }): void {
  database.pragma('synchronous = OFF');
}

/** As `describe`, once for each database or queue store (`$name` in the title); skipped where one is missing. */
export function describeOn<
  Store extends { readonly name: string; readonly title?: string; readonly available: boolean },
>(stores: readonly Store[], title: string, suite: (store: Store) => void): void {
  for (const store of stores) {
    // oxlint-disable-next-line vitest/valid-title -- the caller's
    describe.skipIf(!store.available)(title.replaceAll('$name', store.title ?? store.name), () => {
      suite(store);
    });
  }
}

function beside(other: PostgresBeside | undefined): TestDatabase {
  if (other === undefined) return { ...postgres, available: false };
  const { url, version, isBelieved } = other;
  return {
    name: 'postgres',
    title: `postgres ${version}`,
    ...(isBelieved ? { version } : {}),
    available: true,
    create: () => createIn(url, 'postgres', '"'),
  };
}

function server(name: ServerName, variable: ServiceVariable, quote: string): TestDatabase {
  return {
    name,
    available: process.env[variable] !== undefined,
    create: () => createIn(serviceUrl(variable), name, quote),
  };
}

async function createIn(url: string, type: ServerName, quote: string) {
  const database = `webhooks_test_${randomBytes(6).toString('hex')}`;
  await administrate(url, type, `CREATE DATABASE ${quote}${database}${quote}`);
  const own = new URL(url);
  own.pathname = `/${database}`;
  return {
    options: { type, url: own.href } as DataSourceOptions,
    drop: () =>
      administrate(
        url,
        type,
        `DROP DATABASE ${quote}${database}${quote}${type === 'postgres' ? ' WITH (FORCE)' : ''}`,
      ),
  };
}

async function administrate(url: string, type: ServerName, statement: string): Promise<void> {
  const dataSource = await new DataSource({ type, url }).initialize();
  try {
    await dataSource.query(statement);
  } finally {
    await dataSource.destroy();
  }
}
