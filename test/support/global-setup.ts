import { DataSource } from 'typeorm';
import { startEmbeddedPostgres } from '../../sample-app/services/embedded-postgres.js';
import { ServiceUnavailableError } from '../../sample-app/services/service-unavailable.error.js';
import { betterSqlite3Available } from './better-sqlite3.js';
import { startRedisServer } from './redis-server.js';
import {
  postgresBeside,
  rememberFlavour,
  rememberPostgresBeside,
  SERVICES,
  type ServiceVariable,
} from './services.js';

interface Service {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts what is not given, once a run, and says plainly what is missing and what that costs. */
export default async function setup(): Promise<() => Promise<void>> {
  const started = await Promise.all([
    start('DATABASE_URL', startPostgres),
    start('REDIS_URL', startRedisServer),
    start('MYSQL_URL', () => Promise.resolve(undefined)),
  ]);
  await askMysql(process.env['MYSQL_URL']);
  started.push(await startPostgresBeside(process.env['DATABASE_URL']));
  const close = async () => {
    for (const service of started) await service?.close();
  };
  const missing: string[] = (Object.keys(SERVICES) as ServiceVariable[]).filter(
    (name) => process.env[name] === undefined,
  );
  const lines = missing.map(
    (name) =>
      `${name} is not set (${SERVICES[name as ServiceVariable]}): the suites that need it are skipped.`,
  );
  if (process.env['DATABASE_URL'] !== undefined && postgresBeside() === undefined) {
    missing.push('a PostgreSQL from version 18');
    lines.push(
      'A PostgreSQL from version 18 cannot be started beside yours: the suites that need it are skipped.',
    );
  }
  if (!betterSqlite3Available) {
    missing.push('better-sqlite3');
    lines.push(
      'better-sqlite3 is not installed (npm run install:better-sqlite3): the suites that need it are skipped.',
    );
  }
  for (const line of lines) console.log(line);
  if (missing.length > 0 && process.env['WEBHOOKS_TEST_REQUIRE_ALL'] === '1') {
    await close();
    throw new Error(`WEBHOOKS_TEST_REQUIRE_ALL=1, but ${missing.join(' and ')} is missing.`);
  }
  return close;
}

/** TypeORM treats MySQL and MariaDB differently, by the type it is given. */
async function askMysql(url: string | undefined): Promise<void> {
  if (url === undefined) return;
  const dataSource = await new DataSource({ type: 'mysql', url }).initialize();
  try {
    const [row] = await dataSource.query<{ version: string }[]>('SELECT VERSION() AS version');
    rememberFlavour(row?.version ?? '');
  } finally {
    await dataSource.destroy();
  }
}

/** The first version whose RETURNING knows rows as they were, which capture makes use of. */
const OLD_AND_NEW = 18;

/** A newer server beside an older one. An older one beside a newer one is the same one, believed to be older. */
async function startPostgresBeside(url: string | undefined): Promise<Service | undefined> {
  if (url === undefined) return undefined;
  const version = await versionOf(url);
  if (version >= OLD_AND_NEW) {
    rememberPostgresBeside({ url, version: String(OLD_AND_NEW - 1), isBelieved: true });
    return undefined;
  }
  const service = await startPostgres();
  if (service !== undefined) {
    const newer = String(await versionOf(service.url));
    rememberPostgresBeside({ url: service.url, version: newer, isBelieved: false });
  }
  return service;
}

async function versionOf(url: string): Promise<number> {
  const dataSource = await new DataSource({ type: 'postgres', url }).initialize();
  try {
    return Number.parseInt(dataSource.driver.version ?? '', 10);
  } finally {
    await dataSource.destroy();
  }
}

async function start(
  variable: ServiceVariable,
  run: () => Promise<Service | undefined>,
): Promise<Service | undefined> {
  if (process.env[variable] !== undefined) return undefined;
  const service = await run();
  if (service !== undefined) process.env[variable] = service.url;
  return service;
}

async function startPostgres(): Promise<Service | undefined> {
  try {
    return await startEmbeddedPostgres({
      settings: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '300' },
    });
  } catch (error) {
    if (!(error instanceof ServiceUnavailableError)) throw error;
    console.log(error.message);
    return undefined;
  }
}
