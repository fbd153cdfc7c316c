import { optionalModule } from './optional-module.js';
import type { MetricsSink, ReadBacklog } from './webhooks.metrics.js';
import { SECONDS } from './seconds.js';

// What is used of prom-client, in own words: its types must not be needed to compile against this library.
interface Metric {
  inc(labels: object): void;
  observe(labels: object, value: number): void;
  set(value: number): void;
}
type MetricClass = new (options: object) => Metric;
interface PromClient {
  readonly Counter: MetricClass;
  readonly Histogram: MetricClass;
  readonly Gauge: MetricClass;
  readonly register: {
    getSingleMetric(name: string): Metric | undefined;
    removeSingleMetric(name: string): void;
  };
}

/** Metrics in the default registry of `prom-client`. */
export async function prometheusSink(read: ReadBacklog): Promise<MetricsSink | undefined> {
  const module = (await optionalModule('prom-client')) as { default?: PromClient } & PromClient;
  if (module === undefined) return undefined;
  const { Counter, Histogram, Gauge, register } = module.default ?? module;
  const names: string[] = [];
  const make = (type: MetricClass, name: string, options: object): Metric => {
    names.push(name);
    // Another application in this process may have registered it.
    return register.getSingleMetric(name) ?? new type({ name, ...options });
  };
  const attempts = make(Counter, 'webhooks_attempts_total', {
    help: 'Attempts to deliver, by outcome and error class.',
    labelNames: ['outcome', 'error_class'],
  });
  const durations = make(Histogram, 'webhooks_attempt_duration_seconds', {
    help: 'Time of an attempt, by outcome.',
    labelNames: ['outcome'],
    buckets: SECONDS,
  });
  const backlogs = oncePerScrape(read);
  const gauge = (name: string, help: string, value: (of: Awaited<ReturnType<ReadBacklog>>) => number) =>
    make(Gauge, name, {
      help,
      async collect(this: Metric) {
        // What cannot be read must not fail the scrape of everything else.
        this.set(await backlogs().then(value, () => Number.NaN));
      },
    });
  gauge(
    'webhooks_queue_depth',
    'Jobs that no worker has begun.',
    ({ queueDepth }) => queueDepth ?? Number.NaN,
  );
  gauge(
    'webhooks_oldest_event_age_seconds',
    'Age of the oldest event that is not dispatched.',
    ({ oldestEventAge }) => oldestEventAge / 1_000,
  );
  gauge(
    'webhooks_due_deliveries',
    'Deliveries that are due, up to 10000.',
    ({ dueDeliveries }) => dueDeliveries,
  );
  return {
    attempt: (outcome, error_class, seconds) => {
      attempts.inc({ outcome, error_class });
      durations.observe({ outcome }, seconds);
    },
    close: () => {
      for (const name of names) register.removeSingleMetric(name);
    },
  };
}

/** Three gauges are read together. */
function oncePerScrape(read: ReadBacklog): ReadBacklog {
  let current: ReturnType<ReadBacklog> | undefined;
  return () => {
    current ??= read().finally(() => {
      current = undefined;
    });
    return current;
  };
}
