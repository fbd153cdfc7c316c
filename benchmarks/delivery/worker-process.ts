import 'reflect-metadata';
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Worker, createPostgresBackend, withBackend } from 'bullmq';
import { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { request } from 'undici';
import { CommitSignal } from '../../lib/outbox/commit-signal.js';
import { WebhooksModule } from '../../lib/webhooks.module.js';

/** What a worker is told, as JSON in its first argument. */
export interface WorkerOptions {
  /** `ours`; `bare`: BullMQ and undici.request; `hand`: BullMQ and fetch. */
  readonly kind: 'ours' | 'bare' | 'hand';
  readonly store: 'redis' | 'postgres';
  readonly database: string;
  readonly redis: { readonly host: string; readonly port: number };
  readonly prefix: string;
  readonly concurrency: number;
  /** Of these, requests to one webhook at a time. Default: all. */
  readonly concurrencyPerWebhook?: number;
}

const CONTENT = { 'content-type': 'application/json' };
const options = JSON.parse(process.argv[2] ?? '') as WorkerOptions;
let queries = 0;

async function startOurs(): Promise<void> {
  @Module({
    imports: [
      TypeOrmModule.forRoot({
        type: 'postgres',
        url: options.database,
        autoLoadEntities: true,
        poolSize: 10,
      }),
      ...(options.store === 'redis'
        ? [BullModule.forRoot({ connection: options.redis, prefix: options.prefix })]
        : []),
      WebhooksModule.forRoot({
        queue: { backend: options.store },
        secrets: { keys: [Buffer.alloc(32, 7).toString('base64')] },
        delivery: {
          network: { allow: ['127.0.0.0/8'] },
          concurrency: options.concurrency,
          concurrencyPerWebhook: options.concurrencyPerWebhook ?? options.concurrency,
        },
      }),
    ],
  })
  class BenchmarkModule {}
  const application = await NestFactory.createApplicationContext(BenchmarkModule, {
    logger: ['error', 'warn'],
  });
  const signal = application.get(CommitSignal);
  // As after a commit in this process.
  process.on('message', (message) => {
    if (message === 'wake') signal.notify();
  });
  const dataSource = application.get(DataSource);
  const createQueryRunner = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode) => {
    const runner = createQueryRunner(mode);
    const query: typeof runner.query = runner.query.bind(runner);
    runner.query = ((...args: Parameters<typeof query>) => {
      queries += 1;
      return query(...args);
    }) as typeof runner.query;
    return runner;
  };
}

function startBare(send: (url: string, body: string) => Promise<unknown>): void {
  const process = async ({ data }: { data: { url: string; body: string } }) => {
    await send(data.url, data.body);
  };
  const settings = { concurrency: options.concurrency, removeOnComplete: { count: 0 } };
  if (options.store === 'redis') {
    void new Worker('bare', process, { ...settings, connection: options.redis, prefix: options.prefix });
    return;
  }
  const bound = withBackend(createPostgresBackend);
  const pool = new Pool({
    connectionString: options.database,
    max: 4,
    options: '-c search_path=bullmq',
  });
  void new bound.Worker('bare', process as never, { ...settings, connection: pool as never });
}

if (options.kind === 'ours') await startOurs();
else if (options.kind === 'bare') {
  startBare(async (url, body) => {
    const answer = await request(url, { method: 'POST', headers: CONTENT, body });
    await answer.body.dump();
  });
} else {
  startBare(async (url, body) => {
    const answer = await fetch(url, { method: 'POST', headers: CONTENT, body });
    await answer.text();
    if (!answer.ok) throw new Error(String(answer.status));
  });
}
process.on('message', (message) => {
  if (message === 'usage') {
    process.send?.({ rss: process.memoryUsage.rss(), cpu: process.cpuUsage(), queries });
  }
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
