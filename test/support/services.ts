/** What a service is for, and how a suite that needs it gets it. Filled in by `global-setup.ts` where it can be started. */
export const SERVICES = {
  DATABASE_URL: 'PostgreSQL, such as postgres://user:password@127.0.0.1:5432/test',
  REDIS_URL: 'Redis, such as redis://127.0.0.1:6379',
  MYSQL_URL: 'MySQL or MariaDB, such as mysql://root@127.0.0.1:3306/test',
} as const;

/** Name of the environment variable that says where a service is. */
export type ServiceVariable = keyof typeof SERVICES;

/** Where the service is. */
export function serviceUrl(variable: ServiceVariable): string {
  const url = process.env[variable];
  if (url === undefined) throw new Error(`This suite needs ${variable}: ${SERVICES[variable]}.`);
  return url;
}
