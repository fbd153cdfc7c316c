import { devSecrets, type DevSecrets } from './dev-secrets.js';

/** How the sample runs. */
export interface Settings extends DevSecrets {
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** Where PostgreSQL is; left out, one is started. */
  readonly databaseUrl?: string;
  /** Where Redis is; left out, the queue is in the database. */
  readonly redisUrl?: string;
  /** Folder of what outlives the program; left out, nothing does. */
  readonly folder?: string;
}

/** Settings as the environment gives them: `PORT`, `DATABASE_URL`, `REDIS_URL`, `WEBHOOKS_KEY`. */
export async function settingsFromEnvironment(environment = process.env, folder?: string): Promise<Settings> {
  const { PORT = '3000', DATABASE_URL, REDIS_URL, WEBHOOKS_KEY } = environment;
  return {
    ...(await devSecrets(folder)),
    port: Number(PORT),
    ...(DATABASE_URL ? { databaseUrl: DATABASE_URL } : {}),
    ...(REDIS_URL ? { redisUrl: REDIS_URL } : {}),
    ...(WEBHOOKS_KEY ? { webhooksKey: WEBHOOKS_KEY } : {}),
    ...(folder === undefined ? {} : { folder }),
  };
}
