import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { WebhooksNotices, type AttemptNotice } from '../delivery/webhooks-notices.js';
import { openTelemetrySink } from './open-telemetry-sink.js';
import { prometheusSink } from './prometheus-sink.js';
import { WebhooksStatistics, type WebhooksBacklog } from './webhooks-statistics.js';

/** Where measurements go. */
export interface MetricsSink {
  /** One attempt. `outcome` is `succeeded`, `retried` or `failed`. */
  attempt(outcome: string, errorClass: string, seconds: number): void;
  /** Stops what the sink began. */
  close(): void;
}

/** Reads what waits when a sink is asked for it. */
export type ReadBacklog = () => Promise<WebhooksBacklog>;

/** Makes a sink when the application has its library. */
export type SinkFactory = (read: ReadBacklog) => Promise<MetricsSink | undefined>;

/**
 * Measures deliveries with `prom-client` (its default registry) and with the OpenTelemetry API, whichever the
 * application has installed:
 *
 * - `webhooks_attempts_total` by outcome and error class
 * - `webhooks_attempt_duration_seconds`, a histogram by outcome
 * - `webhooks_queue_depth`, `webhooks_oldest_event_age_seconds`, `webhooks_due_deliveries`
 */
@Injectable()
export class WebhooksMetrics implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(WebhooksMetrics.name);
  private sinks: readonly MetricsSink[] = [];
  private stopListening: () => void = () => undefined;

  constructor(
    private readonly notices: WebhooksNotices,
    private readonly statistics: WebhooksStatistics,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const sinks = await Promise.all([prometheusSink, openTelemetrySink].map((make) => this.make(make)));
    this.sinks = sinks.filter((sink) => sink !== undefined);
    if (this.sinks.length > 0)
      this.stopListening = this.notices.on('attempt', (notice) => this.count(notice));
  }

  onApplicationShutdown(): void {
    this.stopListening();
    for (const sink of this.sinks) sink.close();
  }

  private async make(factory: SinkFactory): Promise<MetricsSink | undefined> {
    try {
      return await factory(() => this.statistics.read());
    } catch (error) {
      this.logger.warn(`Metrics are not measured: ${String(error)}`);
      return undefined;
    }
  }

  private count({ status, errorClass, duration }: AttemptNotice): void {
    const outcome = status === 'pending' || status === 'held' ? 'retried' : status;
    for (const sink of this.sinks) sink.attempt(outcome, errorClass ?? '', duration / 1_000);
  }
}
