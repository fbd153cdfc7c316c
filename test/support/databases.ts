import { randomBytes } from 'node:crypto';
import { DataSource, type DataSourceOptions } from 'typeorm';

/** Where a suite finds its databases. `undefined` skips its suites with a plain line. */
export interface TestDatabase {
  readonly name: 'postgres' | 'mariadb' | 'sqljs';
  /** Options of a new, empty database; `drop` removes it. */
  create(): Promise<{ options: DataSourceOptions; drop: () => Promise<void> }>;
}

const POSTGRES_URL = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const MYSQL_URL = process.env['MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

export const postgres: TestDatabase = {
  name: 'postgres',
  create: () => createIn(POSTGRES_URL, 'postgres', '"'),
};

export const mariadb: TestDatabase = {
  name: 'mariadb',
  create: () => createIn(MYSQL_URL, 'mariadb', '`'),
};

export const sqljs: TestDatabase = {
  name: 'sqljs',
  create: () => Promise.resolve({ options: { type: 'sqljs' }, drop: () => Promise.resolve() }),
};

async function createIn(url: string, type: 'postgres' | 'mariadb', quote: string) {
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

async function administrate(url: string, type: 'postgres' | 'mariadb', statement: string): Promise<void> {
  const dataSource = await new DataSource({ type, url }).initialize();
  try {
    await dataSource.query(statement);
  } finally {
    await dataSource.destroy();
  }
}
