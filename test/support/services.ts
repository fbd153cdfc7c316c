/** What a service is for, and how a suite that needs it gets it. Filled in by `global-setup.ts` where it can be started. */
export const SERVICES = {
  DATABASE_URL: 'PostgreSQL, such as postgres://user:password@127.0.0.1:5432/test',
  REDIS_URL: 'Redis, such as redis://127.0.0.1:6379',
  MYSQL_URL: 'MySQL or MariaDB, such as mysql://root@127.0.0.1:3306/test',
} as const;

/** Name of the environment variable that says where a service is. */
export type ServiceVariable = keyof typeof SERVICES;

/** Set by `global-setup.ts`: what is behind `MYSQL_URL`. */
const FLAVOUR = 'WEBHOOKS_TEST_MYSQL_FLAVOUR';

/** Which of the two `MYSQL_URL` leads to, as TypeORM names it. */
export function mysqlFlavour(): 'mariadb' | 'mysql' {
  return process.env[FLAVOUR] === 'mysql' ? 'mysql' : 'mariadb';
}

/** Remembers for all suites what a MySQL server says of its version. */
export function rememberFlavour(version: string): void {
  process.env[FLAVOUR] = /mariadb/i.test(version) ? 'mariadb' : 'mysql';
}

/** Set by `global-setup.ts`: a PostgreSQL of the other kind. */
const BESIDE = 'WEBHOOKS_TEST_POSTGRES_BESIDE';

/** A PostgreSQL for what depends on its version. */
export interface PostgresBeside {
  readonly url: string;
  /** Its major version. */
  readonly version: string;
  /** Whether it is one that is newer, and is only believed to be this one. */
  readonly isBelieved: boolean;
}

/** The PostgreSQL of the other kind, if there is one. */
export function postgresBeside(): PostgresBeside | undefined {
  const text = process.env[BESIDE];
  return text === undefined ? undefined : (JSON.parse(text) as PostgresBeside);
}

/** Remembers it for all suites. */
export function rememberPostgresBeside(beside: PostgresBeside): void {
  process.env[BESIDE] = JSON.stringify(beside);
}

/** Where the service is. */
export function serviceUrl(variable: ServiceVariable): string {
  const url = process.env[variable];
  if (url === undefined) throw new Error(`This suite needs ${variable}: ${SERVICES[variable]}.`);
  return url;
}
