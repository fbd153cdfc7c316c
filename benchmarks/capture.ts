import 'reflect-metadata';
import { pathToFileURL } from 'node:url';
import { Column, DataSource, Entity, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { ChangeCapture } from '../lib/capture/change-capture.js';
import { WebhookEvent } from '../lib/model/webhook-event.entity.js';
import { DEFAULT_OPTIONS } from '../lib/options/resolve-options.js';
import { OutboxWriter } from '../lib/outbox/outbox.writer.js';
import { WebhookEntity } from '../lib/tracking/webhook-entity.decorator.js';
import { startEmbeddedPostgres } from '../sample-app/services/embedded-postgres.js';
import { median } from './median.js';

@Entity({ name: 'bench_site' })
class Site {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: 'varchar', length: 100 }) name!: string;
}

/** Twelve columns and one declared relation. */
@Entity({ name: 'bench_router' })
@WebhookEntity({ relations: ['site'] })
class Router {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: 'varchar', length: 100 }) name!: string;
  @Column({ type: 'varchar', length: 100 }) status!: string;
  @Column({ type: 'int' }) counter!: number;
  @Column({ type: 'int' }) bucket!: number;
  @Column({ type: 'varchar', length: 100 }) vendor!: string;
  @Column({ type: 'varchar', length: 100 }) model!: string;
  @Column({ type: 'varchar', length: 100 }) serial!: string;
  @Column({ type: 'boolean' }) active!: boolean;
  @Column({ type: 'timestamptz' }) installed!: Date;
  @Column({ type: 'text', nullable: true }) comment?: string | null;
  @ManyToOne(() => Site, { nullable: true }) site?: Relation<Site> | null;
}

interface Scenario {
  readonly name: string;
  /** Ratio to the same write without the library that must be kept; none: told, not held to. */
  readonly limit?: number;
  readonly write: (dataSource: DataSource, round: number) => Promise<unknown>;
}

const router = (index: number, round: number) => ({
  name: `router ${index}`,
  status: `status ${round}`,
  counter: round,
  bucket: index,
  vendor: 'vendor',
  model: 'model',
  serial: `serial ${index}`,
  active: true,
  installed: new Date(0),
  site: { id: 1 },
});
const ids = Array.from({ length: 100 }, (_, index) => index + 1);

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'save one',
    limit: 1.7,
    write: (dataSource, round) => dataSource.getRepository(Router).save({ id: 1, counter: round }),
  },
  {
    name: 'save one new',
    write: (dataSource, round) => dataSource.getRepository(Router).save(router(1000, round)),
  },
  {
    name: 'save 100',
    limit: 1.6,
    write: (dataSource, round) =>
      dataSource.getRepository(Router).save(ids.map((id) => ({ id, counter: round }))),
  },
  {
    name: '100 saves in one transaction',
    limit: 1.7,
    write: (dataSource, round) =>
      dataSource.transaction(async (manager) => {
        for (const id of ids) await manager.save(Router, { id, counter: round });
      }),
  },
  {
    name: 'update by criteria of 100 rows',
    limit: 7,
    write: (dataSource, round) => dataSource.getRepository(Router).update({ bucket: 7 }, { counter: round }),
  },
  {
    name: 'update by key',
    write: (dataSource, round) => dataSource.getRepository(Router).update(1, { counter: round }),
  },
];

/** One scenario's result: milliseconds, ratios to the write without the library, statements. */
export interface CaptureResult {
  readonly name: string;
  readonly limit: number | undefined;
  readonly baseline: number;
  readonly nobodyListens: number;
  readonly listening: number;
  readonly statements: {
    readonly baseline: number;
    readonly nobodyListens: number;
    readonly listening: number;
  };
}

/** Measures what capture costs on PostgreSQL with durable commits, and prints it beside the code that is measured. */
export async function run(rounds = 36): Promise<readonly CaptureResult[]> {
  const url = process.env['DATABASE_URL'];
  const server = url === undefined ? await startEmbeddedPostgres() : undefined;
  try {
    return await measure(server?.url ?? (url as string), rounds);
  } finally {
    await server?.close();
  }
}

async function measure(url: string, rounds: number): Promise<readonly CaptureResult[]> {
  let statements = 0;
  const count = () => (statements += 1);
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    schema: 'bench_capture',
    entities: [Site, Router, WebhookEvent],
    logging: ['query'],
    logger: {
      logQuery: count,
      logQueryError: ignore,
      logQuerySlow: ignore,
      logSchemaBuild: ignore,
      logMigration: ignore,
      log: ignore,
    },
  });
  await dataSource.initialize();
  try {
    await dataSource.query('DROP SCHEMA IF EXISTS bench_capture CASCADE');
    await dataSource.query('CREATE SCHEMA bench_capture');
    await dataSource.synchronize();
    const results: CaptureResult[] = [];
    for (const scenario of SCENARIOS) {
      results.push(await compare(dataSource, scenario, { rounds, statements: () => statements }));
    }
    print(results);
    return results;
  } finally {
    await dataSource.query('DROP SCHEMA IF EXISTS bench_capture CASCADE');
    await dataSource.destroy();
  }
}

const ignore = () => undefined;

type Mode = 'baseline' | 'nobodyListens' | 'listening';

/** Every order of the three: what one leaves behind, such as pages to be written, would always meet the same next one. */
const ORDERS: readonly (readonly Mode[])[] = [
  ['baseline', 'nobodyListens', 'listening'],
  ['listening', 'nobodyListens', 'baseline'],
  ['nobodyListens', 'listening', 'baseline'],
  ['baseline', 'listening', 'nobodyListens'],
  ['listening', 'baseline', 'nobodyListens'],
  ['nobodyListens', 'baseline', 'listening'],
];

/** Milliseconds that writes of one kind take in a row, after those that warm up. */
const BLOCK = 100;
const [FEWEST, MOST, WARM] = [4, 30, 5];

/** The three kinds of write take turns, so that what disturbs one disturbs all; each turn is compared by itself. */
async function compare(
  dataSource: DataSource,
  { name, limit, write }: Scenario,
  { rounds, statements }: { rounds: number; statements: () => number },
): Promise<CaptureResult> {
  await fill(dataSource);
  let listens = false;
  let value = 0;
  const capture = new ChangeCapture(dataSource, {
    registry: { listens: () => listens },
    writer: new OutboxWriter(),
    signal: { notify: () => undefined },
    options: DEFAULT_OPTIONS.capture,
  });
  const counts = { baseline: 0, nobodyListens: 0, listening: 0 };
  /** The median time of a write of one kind. */
  const timeBlock = async (mode: Mode): Promise<number> => {
    listens = mode === 'listening';
    if (mode !== 'baseline') {
      capture.install();
      await capture.learnConstraints();
    }
    const times: number[] = [];
    let taken = 0;
    for (let turn = 0; turn < FEWEST + WARM || (taken < BLOCK && turn < MOST + WARM); turn += 1) {
      const from = statements();
      const began = performance.now();
      await write(dataSource, (value += 1));
      const time = performance.now() - began;
      counts[mode] = statements() - from;
      if (turn < WARM) continue;
      times.push(time);
      taken += time;
    }
    capture.uninstall();
    return median(times);
  };
  const turns: Record<Mode, number>[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const times = { baseline: 0, nobodyListens: 0, listening: 0 };
    for (const mode of ORDERS[round % ORDERS.length] ?? []) times[mode] = await timeBlock(mode);
    // In the first the code is not yet compiled.
    if (round > 0) turns.push(times);
  }
  const ratio = (mode: Mode) => median(turns.map((times) => times[mode] / times.baseline));
  return {
    name,
    limit,
    baseline: median(turns.map(({ baseline }) => baseline)),
    nobodyListens: ratio('nobodyListens'),
    listening: ratio('listening'),
    statements: counts,
  };
}

async function fill(dataSource: DataSource): Promise<void> {
  await dataSource.query(
    'TRUNCATE bench_capture.bench_router, bench_capture.bench_site, bench_capture.webhook_event RESTART IDENTITY',
  );
  await dataSource.getRepository(Site).insert({ name: 'site' });
  const rows = Array.from({ length: 1_000 }, (_, index) => ({
    ...router(index + 1, 0),
    bucket: index < 100 ? 7 : 8,
  }));
  await dataSource.getRepository(Router).insert(rows);
  await dataSource.query('VACUUM ANALYZE bench_capture.bench_router');
}

function print(results: readonly CaptureResult[]): void {
  console.log('capture: the writes that are measured\n');
  for (const { name, write } of SCENARIOS) console.log(`  ${name}: ${String(write)}`);
  console.log(
    '\ncapture: ratios to the same write without the library (medians of turns, PostgreSQL, durable commits)\n',
  );
  for (const { name, limit, baseline, nobodyListens, listening, statements } of results) {
    const held = limit === undefined ? '' : `  limit ${limit} ${listening <= limit ? 'kept' : 'EXCEEDED'}`;
    console.log(
      `  ${name.padEnd(32)} ${baseline.toFixed(2).padStart(8)} ms  nobody listens ${nobodyListens.toFixed(2)}` +
        `  listening ${listening.toFixed(2)}${held}  statements ${statements.baseline} / ${statements.nobodyListens} / ${statements.listening}`,
    );
  }
  console.log('\nStatements that each path adds: docs/03-capture-coverage.md, asserted by the test suite.');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
