import { Injectable } from '@nestjs/common';
import { WebhooksStatistics, type WebhooksBacklog } from './webhooks-statistics.js';

/** What counts as ill. */
export interface WebhooksHealthLimits {
  /**
   * Milliseconds that a committed event may wait to be dispatched: longer means that no worker runs.
   *
   * @defaultValue `60_000`
   */
  readonly maxEventAge?: number;
}

/** The form of `@nestjs/terminus`: one entry by the key that was given. */
export type WebhooksHealthResult = Record<
  string,
  { readonly status: 'up' | 'down'; readonly message?: string } & Partial<WebhooksBacklog>
>;

/**
 * An indicator for `@nestjs/terminus`, which need not be installed:
 * `health.check([() => webhooksHealth.isHealthy('webhooks')])`.
 */
@Injectable()
export class WebhooksHealthIndicator {
  constructor(private readonly statistics: WebhooksStatistics) {}

  /** Down when the database does not answer or events wait too long. A queue that is away delays only, and is told. */
  async isHealthy(
    key = 'webhooks',
    { maxEventAge = 60_000 }: WebhooksHealthLimits = {},
  ): Promise<WebhooksHealthResult> {
    try {
      const backlog = await this.statistics.read();
      if (backlog.oldestEventAge <= maxEventAge) return { [key]: { status: 'up', ...backlog } };
      const message = `An event has waited ${backlog.oldestEventAge} ms to be dispatched. Is a worker running?`;
      return { [key]: { status: 'down', message, ...backlog } };
    } catch (error) {
      return { [key]: { status: 'down', message: `The database does not answer: ${String(error)}` } };
    }
  }
}
