import 'reflect-metadata';
import { Queue, createPostgresBackend, runMigrations, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { startChild } from './child.js';
import { BODY, insertDeliveries, insertEvents, insertWebhook } from './delivery/rows.js';
import { median } from './median.js';
import { settled, startWorld, type Received, type Store, type World } from './delivery/world.js';
import type { WorkerOptions } from './delivery/worker-process.js';

/** Requests on their way at a time, for everyone. */
const CONCURRENCY = 50;
const COUNT = Number(process.env['BENCH_COUNT'] ?? 10_000);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const WARM_UP = 2_000;
const BACKLOG = Number(process.env['BENCH_BACKLOG'] ?? 100_000);
const MB = 2 ** 20;

/** What was reached on one queue store. */
export interface DeliveryFigures {
  readonly store: Store;
  /** Deliveries a second. */
  readonly ours: number;
  /** Ratio to BullMQ and `undici.request` alone. */
  readonly toBare: number;
  /** Ratio to BullMQ and `fetch`, without a log. */
  readonly toHand: number;
  /** Cost of 999 other webhooks: time with them by time without. */
  readonly manyWebhooks: number;
  /** Rate of draining the large backlog by that of the small one. */
  readonly drain: number;
  /** Highest resident memory of the worker while it drains, in MB. */
  readonly rss: number;
  readonly statementsPerDelivery: number;
  readonly queueCommandsPerDelivery: number | null;
}

interface Usage {
  readonly rss: number;
  readonly queries: number;
}

/** Measures deliveries a second against what is given up without this library; every part is a process of its own. */
export async function run(): Promise<DeliveryFigures[]> {
  const figures: DeliveryFigures[] = [];
  for (const store of ['redis', 'postgres'] as const) {
    const world = await startWorld(CONCURRENCY);
    try {
      figures.push(await measure(world, store));
    } finally {
      await world.close();
    }
  }
  return figures;
}

async function measure(world: World, store: Store): Promise<DeliveryFigures> {
  const { dataSource, receiver } = world;
  const say = (text: string) => console.log(`delivery, queue in ${store}: ${text}`);
  const webhookId = await insertWebhook(dataSource, world.url);
  const worker = await startChild('delivery/worker-process', { ...world.workerOptions, kind: 'ours', store });
  const round = async (count: number): Promise<number> => {
    await receiver.ask('reset');
    await insertEvents(dataSource, count);
    const rate = await world.rate(count);
    await settled(dataSource);
    return rate;
  };
  await round(WARM_UP);
  // In turns, each beside the others: the machine is not the same from minute to minute.
  const turns: { readonly bare: number; readonly hand: number; readonly ours: number }[] = [];
  while (turns.length < ROUNDS) {
    const bare = await rateOfJobs(world, store, 'bare');
    const hand = await rateOfJobs(world, store, 'hand');
    turns.push({ bare, hand, ours: await round(COUNT) });
  }
  const [bare, hand, ours] = [
    median(turns.map((turn) => turn.bare)),
    median(turns.map((turn) => turn.hand)),
    median(turns.map((turn) => turn.ours)),
  ];
  const toBare = median(turns.map((turn) => turn.ours / turn.bare));
  const toHand = median(turns.map((turn) => turn.ours / turn.hand));
  const before = await worker.ask<Usage>('usage');
  const commands = await commandsOf(world, store);
  const few = [await round(COUNT)];
  const { queries } = await worker.ask<Usage>('usage');
  const statementsPerDelivery = (queries - before.queries) / COUNT;
  const commandsAfter = await commandsOf(world, store);
  const queueCommandsPerDelivery =
    commands === null || commandsAfter === null ? null : (commandsAfter - commands) / COUNT;
  say(
    `${perSecond(ours)}; ${ratio(toBare)} of BullMQ with undici.request (${perSecond(bare)}), ${ratio(toHand)} of BullMQ with fetch (${perSecond(hand)}); ` +
      `${statementsPerDelivery.toFixed(2)} statements and ${queueCommandsPerDelivery?.toFixed(2) ?? '?'} queue commands for each`,
  );

  await dataSource.query('VACUUM ANALYZE');
  while (few.length < 3) few.push(await round(COUNT));
  for (let index = 0; index < 999; index++) await insertWebhook(dataSource, world.url, 'other');
  await round(WARM_UP);
  const many: number[] = [];
  while (many.length < 3) many.push(await round(COUNT));
  const manyWebhooks = median(few) / median(many);
  say(
    `with 1,000 webhooks of which one listens ${perSecond(median(many))}: ${ratio(manyWebhooks)} of the time of one`,
  );

  const drain = async (count: number): Promise<number> => {
    await receiver.ask('reset');
    await dataSource.query('UPDATE webhook SET enabled = false WHERE id = $1', [webhookId]);
    await insertEvents(dataSource, count, true);
    await insertDeliveries(dataSource, webhookId);
    await dataSource.query('ANALYZE');
    await dataSource.query('UPDATE webhook SET enabled = true WHERE id = $1', [webhookId]);
    await world.rate(count, async () => {
      rss = Math.max(rss, (await worker.ask<Usage>('usage')).rss);
    });
    await settled(dataSource);
    // To the last record instead of the last request: what is locked ahead when the measured time begins, and not yet
    // recorded when the last one is sent, is nothing of the large backlog and much of the small one.
    const { runUp, begin } = await receiver.ask<Received>('read');
    const [recorded] = await dataSource.query<{ last: string }[]>(
      'SELECT MAX(finished_at) AS last FROM webhook_delivery',
    );
    return ((count - runUp) * 1_000) / (Number(recorded?.last) - begin);
  };
  let rss = 0;
  const smalls: number[] = [];
  const drainSmall = async () => {
    for (let turn = 0; turn < 5; turn++) smalls.push(await drain(1_000));
  };
  await drainSmall();
  rss = 0;
  const large = await drain(BACKLOG);
  const highest = rss;
  await drainSmall();
  const small = median(smalls);
  say(
    `${BACKLOG.toLocaleString('en-GB')} waiting deliveries go at ${perSecond(large)}, ${ratio(large / small)} of the rate of 1,000 (${perSecond(small)}); ` +
      `the worker takes ${Math.round(highest / MB)} MB`,
  );
  await worker.stop();
  return {
    store,
    ours,
    toBare,
    toHand,
    manyWebhooks,
    drain: large / small,
    rss: highest / MB,
    statementsPerDelivery,
    queueCommandsPerDelivery,
  };
}

/** The rate at which jobs that wait in the queue become requests, without this library. */
async function rateOfJobs(world: World, store: Store, kind: 'bare' | 'hand'): Promise<number> {
  const { receiver, workerOptions } = world;
  const { queue, close } = await openQueue(workerOptions, store);
  const data = { url: world.url, body: BODY };
  const opts = { removeOnComplete: true, removeOnFail: true };
  const fill = async (count: number): Promise<void> => {
    for (let added = 0; added < count; added += 1_000) {
      await queue.addBulk(
        Array.from({ length: Math.min(1_000, count - added) }, () => ({ name: 'send', data, opts })),
      );
    }
  };
  const worker = await startChild('delivery/worker-process', { ...workerOptions, kind, store });
  await receiver.ask('reset');
  await fill(WARM_UP);
  await world.rate(WARM_UP);
  // Jobs wait in the queue when the measured time begins, as events wait in the outbox for ours.
  await queue.pause();
  await fill(COUNT);
  await receiver.ask('reset');
  await queue.resume();
  const rate = await world.rate(COUNT);
  await worker.stop();
  await close();
  return rate;
}

async function openQueue(options: Omit<WorkerOptions, 'kind' | 'store'>, store: Store) {
  if (store === 'redis') {
    const queue = new Queue('bare', { connection: options.redis, prefix: options.prefix });
    return { queue, close: () => queue.close() };
  }
  const bound = withBackend(createPostgresBackend);
  const pool = new Pool({
    connectionString: options.database,
    max: 4,
    options: '-c search_path=bullmq',
  });
  const client = await pool.connect();
  await runMigrations(client, 'bullmq');
  client.release();
  const queue = new bound.Queue('bare', { connection: pool as never }) as unknown as Queue;
  return {
    queue,
    close: async () => {
      await queue.close();
      await pool.end();
    },
  };
}

/** Commands that Redis has served; scripts count as one, and as those they call. */
async function commandsOf(world: World, store: Store): Promise<number | null> {
  if (store !== 'redis') return null;
  const redis = new Redis(world.workerOptions.redis);
  const stats = await redis.info('commandstats');
  redis.disconnect();
  return [...stats.matchAll(/cmdstat_(?:evalsha|eval|llen|bzpopmin|zcard):calls=(\d+)/g)].reduce(
    (total, [, calls]) => total + Number(calls),
    0,
  );
}

function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString('en-GB')}/s`;
}

function ratio(value: number): string {
  return `${value.toFixed(2)} x`;
}
