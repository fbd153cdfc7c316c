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

/** Microseconds from the epoch to the beginning of MySQL's statement: in UTC, since a local hour may come twice. */
const MYSQL_BEGAN = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3))";
/**
 * Microseconds since then. Only SYSDATE goes on during a statement, and only in local time. Zones change by quarters of
 * an hour and no statement lasts one, so whole ones are left out; a clock that is set back a little gives a little less.
 */
const MYSQL_PASSED = 'MOD(TIMESTAMPDIFF(MICROSECOND, NOW(3), SYSDATE(3)) + 7260000000, 900000000) - 60000000';

/** The database's own time in milliseconds since the epoch, as an SQL expression that moves within a transaction. */
export const NOW: Readonly<Record<Dialect, string>> = {
  postgres: 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint)',
  mysql: `((${MYSQL_BEGAN} + ${MYSQL_PASSED}) DIV 1000)`,
  sqlite: "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",
};

/**
 * The database's own time when the statement began, in milliseconds since the epoch. Where a column is compared with
 * it, an index can be used: {@link NOW} may differ from row to row.
 */
export const STATEMENT_NOW: Readonly<Record<Dialect, string>> = {
  postgres: 'CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS bigint)',
  mysql: `(${MYSQL_BEGAN} DIV 1000)`,
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
