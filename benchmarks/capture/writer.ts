import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { ChangeCapture } from '../../lib/capture/change-capture.js';
import { WebhookEvent } from '../../lib/model/webhook-event.entity.js';
import { DEFAULT_OPTIONS } from '../../lib/options/resolve-options.js';
import { OutboxWriter } from '../../lib/outbox/outbox.writer.js';
import { median } from '../median.js';
import { Replay, type Sent } from './replay.js';
import { Router, router, SCENARIOS, Site, type Scenario } from './writes.js';

/**
 * The library is not there, there and nobody listens, there and a webhook listens; or its statements are sent that it
 * has sent then, by nobody but the driver.
 */
export type Mode = 'baseline' | 'nobodyListens' | 'listening' | 'statementsAlone';

export interface WriterOptions {
  readonly url: string;
  readonly mode: Mode;
}

/** Asks for a block of writes of one scenario. */
export interface BlockRequest {
  readonly scenario: string;
  /** For how many milliseconds to write, though a few times at least. */
  readonly time: number;
  /** Whether tables are new: what many writes have left behind makes the next ones slower. */
  readonly isFirst: boolean;
}

/** What a block took. */
export interface BlockTimes {
  /** Milliseconds that a write takes, the median. */
  readonly time: number;
  /** Statements that one sends. */
  readonly statements: number;
}

/** Writes of a block at least, and how many of them find a process that has slept. */
const [FEWEST, COLD] = [5, 2];

/** Writes when it is asked to: an application of its own, whose code no other mode has gone through. */
async function serve({ url, mode }: WriterOptions): Promise<void> {
  let sent: Sent[] = [];
  let replay: Replay | undefined;
  let listens = false;
  const schema = `bench_capture_${mode.toLowerCase()}`;
  const dataSource = await new DataSource({
    type: 'postgres',
    url,
    schema,
    entities: [Site, Router, WebhookEvent],
    logging: ['query'],
    logger: {
      logQuery: (text, values: unknown[] = []) => void sent.push({ text, values }),
      logQueryError: ignore,
      logQuerySlow: ignore,
      logSchemaBuild: ignore,
      logMigration: ignore,
      log: ignore,
    },
  }).initialize();
  await dataSource.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await dataSource.query(`CREATE SCHEMA ${schema}`);
  await dataSource.synchronize();
  if (mode !== 'baseline') {
    const capture = new ChangeCapture(dataSource, {
      registry: { listens: () => listens },
      writer: new OutboxWriter(),
      signal: { notify: ignore },
      options: DEFAULT_OPTIONS.capture,
    });
    capture.install();
    await capture.learnConstraints();
  }
  let value = 0;
  const write = async ({ scenario, time, isFirst }: BlockRequest): Promise<BlockTimes> => {
    const { write: run } = SCENARIOS.find(({ name }) => name === scenario) as Scenario;
    if (isFirst) {
      listens = false;
      await fill(dataSource, schema);
      listens = mode === 'listening' || mode === 'statementsAlone';
    }
    if (isFirst && mode === 'statementsAlone') {
      await replay?.close();
      // The first write also reads what is known from then on.
      for (let count = 0; count < 2; count += 1) {
        sent = [];
        await run(dataSource, (value += 1));
      }
      replay = await Replay.of(url, sent);
    }
    // What the blocks before have left behind.
    await dataSource.query(`VACUUM ${schema}.bench_router, ${schema}.webhook_event`);
    const times: number[] = [];
    const end = performance.now() + time;
    while (times.length < FEWEST || performance.now() < end) {
      sent = [];
      const send = replay?.prepare() ?? (() => run(dataSource, (value += 1)));
      const began = performance.now();
      await send();
      times.push(performance.now() - began);
    }
    return { time: median(times.slice(COLD)), statements: replay?.statements ?? sent.length };
  };
  const leave = async (): Promise<void> => {
    await replay?.close();
    await dataSource.query(`DROP SCHEMA ${schema} CASCADE`);
    await dataSource.destroy();
  };
  process.on(
    'message',
    (request: BlockRequest) => void write(request).then((times) => process.send?.(times)),
  );
  process.once('disconnect', () => void leave());
  process.send?.('ready');
}

async function fill(dataSource: DataSource, schema: string): Promise<void> {
  const tables = ['bench_router', 'bench_site', 'webhook_event'].map((table) => `${schema}.${table}`);
  await dataSource.query(`TRUNCATE ${tables.join(', ')} RESTART IDENTITY`);
  await dataSource.getRepository(Site).insert({ name: 'site' });
  const rows = Array.from({ length: 1_000 }, (_, index) => ({
    ...router(index + 1, 0),
    bucket: index < 100 ? 7 : 8,
  }));
  await dataSource.getRepository(Router).insert(rows);
  await dataSource.query(`VACUUM ANALYZE ${schema}.bench_router`);
}

const ignore = () => undefined;

await serve(JSON.parse(process.argv[2] ?? '') as WriterOptions);
