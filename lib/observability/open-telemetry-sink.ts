import { optionalModule } from './optional-module.js';
import { SECONDS } from './seconds.js';
import type { MetricsSink, ReadBacklog } from './webhooks.metrics.js';

// What is used of @opentelemetry/api, in own words: its types must not be needed to compile against this library.
interface Observable {
  readonly marker?: never;
}
interface Meter {
  createCounter(name: string, options: object): { add(value: number, attributes: object): void };
  createHistogram(name: string, options: object): { record(value: number, attributes: object): void };
  createObservableGauge(name: string, options: object): Observable;
  addBatchObservableCallback(callback: BatchCallback, observables: Observable[]): void;
  removeBatchObservableCallback(callback: BatchCallback, observables: Observable[]): void;
}
type BatchCallback = (result: { observe(gauge: Observable, value: number): void }) => Promise<void>;
interface OpenTelemetryApi {
  readonly metrics: { getMeter(name: string): Meter };
}

/** Metrics of the meter `nestjs-webhooks` of the OpenTelemetry API. */
export async function openTelemetrySink(read: ReadBacklog): Promise<MetricsSink | undefined> {
  const api = (await optionalModule('@opentelemetry/api')) as OpenTelemetryApi | undefined;
  if (api === undefined) return undefined;
  const meter = api.metrics.getMeter('nestjs-webhooks');
  const attempts = meter.createCounter('webhooks_attempts_total', { description: 'Attempts to deliver.' });
  const durations = meter.createHistogram('webhooks_attempt_duration_seconds', {
    description: 'Time of an attempt.',
    unit: 's',
    // The default bounds are for milliseconds.
    advice: { explicitBucketBoundaries: SECONDS },
  });
  const gauge = (name: string, unit: string) => meter.createObservableGauge(name, { unit });
  const depth = gauge('webhooks_queue_depth', '{job}');
  const age = gauge('webhooks_oldest_event_age_seconds', 's');
  const due = gauge('webhooks_due_deliveries', '{delivery}');
  const all = [depth, age, due];
  const observe: BatchCallback = async (result) => {
    const backlog = await read();
    if (backlog.queueDepth !== null) result.observe(depth, backlog.queueDepth);
    result.observe(age, backlog.oldestEventAge / 1_000);
    result.observe(due, backlog.dueDeliveries);
  };
  meter.addBatchObservableCallback(observe, all);
  return {
    attempt: (outcome, error_class, seconds) => {
      attempts.add(1, { outcome, error_class });
      durations.record(seconds, { outcome });
    },
    close: () => meter.removeBatchObservableCallback(observe, all),
  };
}
