import 'reflect-metadata';
import { startChild } from './child.js';
import { median } from './median.js';
import { insertEvents, insertWebhook } from './delivery/rows.js';
import { settled, startWorld, type Received, type Store } from './delivery/world.js';

const EVENTS = 250;
const ROUNDS = 5;
const OTHERS = 19;
/** The defaults of the options. */
const [CONCURRENCY, PER_WEBHOOK] = [50, 10];

/** What an endpoint that hangs takes from nineteen others. */
export interface FairnessFigures {
  readonly store: Store;
  /** Throughput of the others with it to that without it. */
  readonly ratio: number;
}

/** Measures the others with and without the dead one in turns of one run; the median counts. */
export async function run(): Promise<FairnessFigures[]> {
  const figures: FairnessFigures[] = [];
  for (const store of ['redis', 'postgres'] as const) {
    const { without, withDead, ratio, hanging } = await measure(store);
    figures.push({ store, ratio });
    console.log(
      `fairness, queue in ${store}: nineteen endpoints get ${Math.round(withDead)} deliveries a second beside one that hangs ` +
        `(and holds ${hanging} of ${CONCURRENCY} places), ${ratio.toFixed(2)} of the rate without it (${Math.round(without)})`,
    );
  }
  return figures;
}

interface Rates {
  readonly without: number;
  readonly withDead: number;
  readonly ratio: number;
  readonly hanging: number;
}

async function measure(store: Store): Promise<Rates> {
  const world = await startWorld(CONCURRENCY);
  const { dataSource, receiver } = world;
  for (let index = 0; index < OTHERS; index++) await insertWebhook(dataSource, `${world.url}${index}`);
  const dead = await insertWebhook(dataSource, `${world.url}dead`);
  const enable = (enabled: boolean) =>
    dataSource.query(
      `UPDATE webhook SET enabled = $1, timeout = 600000, revision = revision + 1 WHERE id = $2`,
      [enabled, dead],
    );
  await enable(false);
  const worker = await startChild('delivery/worker-process', {
    ...world.workerOptions,
    kind: 'ours',
    store,
    concurrencyPerWebhook: PER_WEBHOOK,
  });
  const round = async (beside?: 'hang'): Promise<number> => {
    await receiver.ask('reset');
    if (beside !== undefined) await receiver.ask(beside);
    await insertEvents(dataSource, EVENTS);
    return world.rate(EVENTS * OTHERS);
  };
  try {
    await round();
    const turns: { readonly without: number; readonly withDead: number }[] = [];
    let hanging = 0;
    for (let turn = 0; turn < ROUNDS; turn++) {
      await settled(dataSource);
      const without = await round();
      await settled(dataSource);
      await enable(true);
      turns.push({ without, withDead: await round('hang') });
      hanging = Math.max(hanging, (await receiver.ask<Received>('read')).hanging);
      await enable(false);
      await receiver.ask('reset');
    }
    return {
      without: median(turns.map((turn) => turn.without)),
      withDead: median(turns.map((turn) => turn.withDead)),
      ratio: median(turns.map((turn) => turn.withDead / turn.without)),
      hanging,
    };
  } finally {
    await worker.stop();
    await world.close();
  }
}
