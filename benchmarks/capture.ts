import { pathToFileURL } from 'node:url';
import { startEmbeddedPostgres } from '../sample-app/services/embedded-postgres.js';
import type { BlockRequest, BlockTimes, Mode, WriterOptions } from './capture/writer.js';
import { startChild, type Child } from './child.js';
import { SCENARIOS, type Scenario } from './capture/writes.js';
import { median } from './median.js';

/** One scenario's result: milliseconds, ratios to the write without the library, statements. */
export interface CaptureResult {
  readonly name: string;
  readonly limit: number | undefined;
  readonly baseline: number;
  readonly nobodyListens: number;
  readonly listening: number;
  /** Of what the database and the driver take for the same statements, without the code that makes them. */
  readonly statementsAlone: number;
  readonly statements: Readonly<Record<Mode, number>>;
}

const MODES: readonly Mode[] = ['baseline', 'nobodyListens', 'listening', 'statementsAlone'];

/** Every order: what one leaves behind, such as pages to be written, would always meet the same next one. */
const ORDERS = orders(MODES);

/**
 * Milliseconds of a block, and for how long each mode writes before it is measured. V8 compiles code to the end after
 * some ten thousand writes: what is measured is an application that has run for a while.
 */
const [BLOCK, WARM_UP] = [60, 30_000];

/**
 * Measures what capture costs on PostgreSQL with durable commits, and prints it beside the code that is measured. Each
 * mode is a process of its own, as an application is; they take turns, so that what disturbs one disturbs all.
 *
 * @param rounds - turns of each
 */
export async function run(rounds = 48): Promise<readonly CaptureResult[]> {
  const given = process.env['DATABASE_URL'];
  const server = given === undefined ? await startEmbeddedPostgres() : undefined;
  const url = server?.url ?? given ?? '';
  const writers = new Map<Mode, Child>();
  try {
    for (const mode of MODES)
      writers.set(mode, await startChild('capture/writer', { url, mode } satisfies WriterOptions));
    const results: CaptureResult[] = [];
    for (const scenario of SCENARIOS) results.push(await compare(writers, scenario, rounds));
    print(results);
    return results;
  } finally {
    for (const writer of writers.values()) await writer.stop();
    await server?.close();
  }
}

async function compare(
  writers: ReadonlyMap<Mode, Child>,
  { name, limit }: Scenario,
  rounds: number,
): Promise<CaptureResult> {
  const block = (mode: Mode, time: number, isFirst = false): Promise<BlockTimes> =>
    (writers.get(mode) as Child).ask({ scenario: name, time, isFirst } satisfies BlockRequest);
  console.log(`capture: ${name}`);
  await Promise.all(MODES.map((mode) => block(mode, WARM_UP, true)));
  for (const mode of MODES) await block(mode, BLOCK, true);
  const turns: Record<Mode, BlockTimes>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const turn = {} as Record<Mode, BlockTimes>;
    for (const mode of ORDERS[round % ORDERS.length] ?? []) turn[mode] = await block(mode, BLOCK);
    turns.push(turn);
  }
  const ratio = (mode: Mode) => median(turns.map((turn) => turn[mode].time / turn.baseline.time));
  const statements = (mode: Mode) => turns[0]?.[mode].statements ?? Number.NaN;
  return {
    name,
    limit,
    baseline: median(turns.map(({ baseline }) => baseline.time)),
    nobodyListens: ratio('nobodyListens'),
    listening: ratio('listening'),
    statementsAlone: ratio('statementsAlone'),
    statements: Object.fromEntries(MODES.map((mode) => [mode, statements(mode)])) as Record<Mode, number>,
  };
}

function orders<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    orders(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

function print(results: readonly CaptureResult[]): void {
  console.log('capture: the writes that are measured\n');
  for (const { name, write } of SCENARIOS) console.log(`  ${name}: ${String(write)}`);
  console.log(
    '\ncapture: ratios to the same write without the library (medians, PostgreSQL, durable commits)\n',
  );
  for (const { name, limit, baseline, nobodyListens, listening, statementsAlone, statements } of results) {
    const held = limit === undefined ? '' : `  limit ${limit} ${listening <= limit ? 'kept' : 'EXCEEDED'}`;
    console.log(
      `  ${name.padEnd(32)} ${baseline.toFixed(2).padStart(8)} ms  nobody listens ${nobodyListens.toFixed(2)}` +
        `  listening ${listening.toFixed(2)}${held}  its statements alone ${statementsAlone.toFixed(2)}` +
        `  statements ${statements.baseline} / ${statements.nobodyListens} / ${statements.listening}`,
    );
  }
  console.log(
    '\nIts statements alone: what listening sends, by the driver, with nobody to make it or to read the answers.',
  );
  console.log('\nStatements that each path adds: docs/03-capture-coverage.md, asserted by the test suite.');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
