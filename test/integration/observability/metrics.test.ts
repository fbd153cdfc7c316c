import { metrics } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { register } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeliveryQueue } from '../../../lib/delivery/delivery.queue.js';
import { EventRelay } from '../../../lib/dispatch/event.relay.js';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres, mariadbAndRedis } from '../../support/stores.js';
import { waitFor } from '../../support/wait-for.js';

class Reader extends MetricReader {
  protected override onShutdown = () => Promise.resolve();
  protected override onForceFlush = () => Promise.resolve();
}

type Labels = Readonly<Record<string, unknown>>;

/** Values of one metric: what a scrape of each library shows, in one form. */
type Read = (name: string) => Promise<{ readonly labels: Labels; readonly value: unknown }[]>;

const readPrometheus: Read = async (name) => {
  const all = await register.getMetricsAsJSON();
  const { values = [] } = (all.find((metric) => metric.name === name) ?? {}) as { values?: never[] };
  return values;
};

const readOpenTelemetry =
  (reader: MetricReader): Read =>
  async (name) => {
    const { resourceMetrics, errors } = await reader.collect();
    expect(errors).toEqual([]);
    return resourceMetrics.scopeMetrics
      .filter(({ scope }) => scope.name === 'nestjs-webhooks')
      .flatMap((scope) => scope.metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({ labels: attributes, value })),
      );
  };

const stores = [allInPostgres, mariadbAndRedis];

describeOn(stores, 'metrics on $name', ({ database, queue }) => {
  let world: DeliveryWorld;
  let reader: MetricReader;
  let libraries: [string, Read][];

  beforeEach(async () => {
    reader = new Reader();
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    libraries = [
      ['prom-client', readPrometheus],
      ['OpenTelemetry', readOpenTelemetry(reader)],
    ];
    world = await DeliveryWorld.start(database, queue);
  });
  afterEach(async () => {
    await world.close();
    metrics.disable();
    await reader.shutdown();
  });

  it('count deliveries by outcome and measure how long they take', async () => {
    world.receiver.answer = ({ path }, response) => {
      response.statusCode = path === '/fails' ? 500 : 200;
      response.end();
    };
    await world.define();
    await world.define({ url: `${world.receiver.url}fails`, schedule: [0, 3_600_000] });
    await world.define({ bodyTemplate: '{{ data.missing }}', strictTemplates: true });
    await commitEvents(world.dataSource, 2);
    await world.settle('succeeded', 'succeeded', 'failed', 'failed', 'pending', 'pending');
    for (const [library, read] of libraries) {
      const counts = async () => {
        const values = await read('webhooks_attempts_total');
        return values.map(
          ({ labels, value }) =>
            `${String(labels['outcome'])} ${String(labels['error_class'])} ${String(value)}`,
        );
      };
      // What is measured is told after it is recorded.
      const isAll = async () =>
        (await counts()).toSorted().join() === 'failed template 2,retried http 2,succeeded  2';
      expect(await waitFor(`${library} to count them`, isAll)).toBe(true);
    }
    const text = await register.metrics();
    expect(text).toContain('webhooks_attempt_duration_seconds_count{outcome="succeeded"} 2');
    expect(text).toMatch(/webhooks_attempt_duration_seconds_bucket\{le="0\.25",outcome="succeeded"\} \d/);
    const histogram = await readOpenTelemetry(reader)('webhooks_attempt_duration_seconds');
    expect(histogram.find(({ labels }) => labels['outcome'] === 'succeeded')?.value).toMatchObject({
      count: 2,
      buckets: { boundaries: expect.arrayContaining([0.05, 0.5]) },
    });
  });

  it('tell what waits in the queue and in the outbox', async () => {
    await world.define();
    const gauge = async (read: Read, name: string) => Number((await read(name))[0]?.value);
    const sending = world.application.get(DeliveryQueue);
    await sending.pause();
    await commitEvents(world.dataSource, 3);
    for (const [library, read] of libraries) {
      await waitFor(
        `${library} to see the queue`,
        async () => (await gauge(read, 'webhooks_queue_depth')) > 0,
      );
      expect(await gauge(read, 'webhooks_due_deliveries')).toBe(3);
    }
    await sending.resume();
    await world.settle('succeeded', 'succeeded', 'succeeded');
    await world.application.get(EventRelay).stop();
    await commitEvents(world.dataSource, 1);
    await world.dataSource.query(
      'UPDATE webhook_event SET occurred_at = occurred_at - 120000 WHERE dispatched_at IS NULL',
    );
    for (const [, read] of libraries) {
      const age = await gauge(read, 'webhooks_oldest_event_age_seconds');
      expect(age).toBeGreaterThanOrEqual(120);
      expect(age).toBeLessThan(180);
    }
  });

  it('that cannot be read do not fail the scrape of the application', async () => {
    await world.dataSource.query('DROP TABLE webhook_delivery');
    expect(await register.metrics()).toMatch(/^webhooks_due_deliveries nan$/im);
  });

  it('are gone with the application', async () => {
    await world.application.close();
    expect(await register.metrics()).not.toContain('webhooks_');
  });
});
