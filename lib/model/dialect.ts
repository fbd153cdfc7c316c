import type { DataSource } from 'typeorm';
import { WebhooksError } from '../common/webhooks-error.js';

/** The families of SQL this library speaks. MariaDB is `mysql` here. */
export type Dialect = 'postgres' | 'mysql' | 'sqlite';

/** The dialect of a TypeORM driver type, or `undefined` for one this library does not support. */
export function dialectOf(type: DataSource['options']['type']): Dialect | undefined {
  switch (type) {
    case 'postgres':
      return 'postgres';
    case 'mysql':
    case 'mariadb':
      return 'mysql';
    case 'better-sqlite3':
    case 'sqljs':
      return 'sqlite';
    default:
      return undefined;
  }
}

/** The database's own time in milliseconds since the epoch, as an SQL expression that moves within a transaction. */
export const NOW: Readonly<Record<Dialect, string>> = {
  postgres: 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint)',
  mysql: 'CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS UNSIGNED)',
  sqlite: "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",
};

/**
 * The database's own time when the statement began, in milliseconds since the epoch. Where a column is compared with
 * it, an index can be used: {@link NOW} may differ from row to row.
 */
export const STATEMENT_NOW: Readonly<Record<Dialect, string>> = {
  postgres: 'CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS bigint)',
  mysql: 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)',
  sqlite: NOW.sqlite,
};

/** Whether the dialect has row locks that others can skip. */
export const SKIP_LOCKED: Readonly<Record<Dialect, string>> = {
  postgres: 'FOR UPDATE SKIP LOCKED',
  mysql: 'FOR UPDATE SKIP LOCKED',
  sqlite: '',
};

/** Keeps others from changing the rows that are read, and nobody from reading them. MariaDB knows no FOR SHARE. */
export const SHARE_LOCK: Readonly<Record<Dialect, string>> = {
  postgres: 'FOR SHARE',
  mysql: 'LOCK IN SHARE MODE',
  sqlite: '',
};

/**
 * The dialect of a data source.
 *
 * @throws WebhooksError `WEBHOOKS_DATABASE_UNSUPPORTED`
 */
export function requireDialect(dataSource: DataSource): Dialect {
  const dialect = dialectOf(dataSource.options.type);
  if (dialect !== undefined) return dialect;
  throw new WebhooksError(
    'WEBHOOKS_DATABASE_UNSUPPORTED',
    `The data source's type is "${dataSource.options.type}", which webhooks cannot use: they need row locks or a single ` +
      'writer. Use PostgreSQL, MySQL or MariaDB; better-sqlite3 or sqljs for development.',
  );
}
