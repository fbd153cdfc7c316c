import 'reflect-metadata';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { commitEvents } from '../test/support/outbox.js';
import { startChild } from './child.js';
import { insertWebhook } from './delivery/rows.js';
import { startWorld, type Store } from './delivery/world.js';

const COUNT = 200;
const WARM_UP = 50;

/** Milliseconds from a commit to the request at the receiver, one change at a time on an idle system. */
export interface LatencyFigures {
  readonly store: Store;
  readonly median: number;
  readonly p95: number;
}

/**
 * Measures how long a change takes to its receiver. Events are committed here, and the worker is told over a pipe
 * what a commit in its own process would tell it.
 */
export async function run(): Promise<LatencyFigures[]> {
  const figures: LatencyFigures[] = [];
  for (const store of ['redis', 'postgres'] as const) {
    const times = (await measure(store)).toSorted((a, b) => a - b);
    const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
    figures.push({ store, median: at(0.5), p95: at(0.95) });
    console.log(
      `latency, queue in ${store}: median ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms from commit to receiver`,
    );
  }
  return figures;
}

async function measure(store: Store): Promise<number[]> {
  let arrived: ((at: number) => void) | undefined;
  const receiver = createServer((request, response) => {
    request.resume();
    arrived?.(performance.now());
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const world = await startWorld(50);
  const { dataSource } = world;
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  await insertWebhook(dataSource, url);
  const worker = await startChild('delivery/worker-process', { ...world.workerOptions, kind: 'ours', store });
  try {
    const times: number[] = [];
    for (let index = 0; index < WARM_UP + COUNT; index++) {
      const request = new Promise<number>((resolve) => {
        arrived = resolve;
      });
      await commitEvents(dataSource, 1, { model: 'session' });
      const committed = performance.now();
      worker.process.send('wake');
      times.push((await request) - committed);
      // Until the attempt is recorded and the system idle again.
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 30));
    }
    return times.slice(WARM_UP);
  } finally {
    await worker.stop();
    await world.close();
    receiver.close();
  }
}
