import { join } from 'node:path';
import type { INestApplication, LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { startEmbeddedPostgres } from './services/embedded-postgres.js';
import { requireAnswer } from './services/require-answer.js';
import type { Settings } from './settings.js';

/** A running sample. */
export interface SampleApp {
  readonly app: INestApplication;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Where the data is, in words. */
  readonly database: string;
  /** Where the queue is, in words. */
  readonly queue: string;
  /** Stops the application, then what it stands on. */
  close(): Promise<void>;
}

/** Starts the application, and the database below it unless the settings name one. */
export async function startSampleApp(
  settings: Settings,
  logger: LogLevel[] = ['warn', 'error'],
): Promise<SampleApp> {
  const database = await startDatabase(settings);
  let app: INestApplication | undefined;
  const close = async () => {
    await app?.close();
    await database.close();
  };
  try {
    if (settings.redisUrl !== undefined) await requireAnswer('REDIS_URL', settings.redisUrl, 6379);
    app = await NestFactory.create(AppModule.forRoot({ ...settings, databaseUrl: database.url }), {
      logger,
      abortOnError: false,
      // A start that fails is told once, by who called this.
      bufferLogs: true,
      autoFlushLogs: false,
    });
    await app.listen(settings.port, '127.0.0.1');
    app.flushLogs();
    const { port } = new URL(await app.getUrl());
    const queue = settings.redisUrl === undefined ? 'in the database' : 'Redis at REDIS_URL';
    return { app, url: `http://127.0.0.1:${port}`, database: database.words, queue, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startDatabase(settings: Settings) {
  const { databaseUrl, databasePassword, folder } = settings;
  if (databaseUrl !== undefined) {
    await requireAnswer('DATABASE_URL', databaseUrl, 5432);
    return { url: databaseUrl, words: 'PostgreSQL at DATABASE_URL', close: () => Promise.resolve() };
  }
  const server = await startEmbeddedPostgres({
    password: databasePassword,
    ...(folder === undefined ? {} : { data: join(folder, 'postgres') }),
  });
  const words = server.keepsData
    ? `embedded PostgreSQL, data in ${server.data}`
    : 'embedded PostgreSQL, its data goes when it stops';
  return { url: server.url, words, close: () => server.close() };
}
