import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { DeliveryQueue } from '../delivery/delivery.queue.js';
import { STATEMENT_NOW } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import { WEBHOOKS_DATA_SOURCE } from '../options/tokens.js';

/** What waits at a moment. */
export interface WebhooksBacklog {
  /** Jobs in the queue that no worker has begun; `null` when the queue does not answer. */
  readonly queueDepth: number | null;
  /** Milliseconds since the oldest event happened that is not dispatched; 0 when there is none. */
  readonly oldestEventAge: number;
  /** Deliveries that are due and not sent, of resting endpoints too; not what is held. Counted up to 10,000. */
  readonly dueDeliveries: number;
}

const COUNT_LIMIT = 10_000;

/** Reads what waits, for dashboards and checks. Three statements that indexes answer. */
@Injectable()
export class WebhooksStatistics {
  constructor(
    @Inject(WEBHOOKS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly queue: DeliveryQueue,
  ) {}

  /** @throws what the database says when it does not answer */
  async read(): Promise<WebhooksBacklog> {
    const [queueDepth, oldestEventAge, dueDeliveries] = await Promise.all([
      this.queue.waiting(),
      this.oldestEventAge(),
      this.dueDeliveries(),
    ]);
    return { queueDepth: Number.isFinite(queueDepth) ? queueDepth : null, oldestEventAge, dueDeliveries };
  }

  private async oldestEventAge(): Promise<number> {
    const sql = new Sql(this.dataSource);
    const [row] = await this.dataSource.query<{ age: string | number }[]>(
      `SELECT ${STATEMENT_NOW[sql.dialect]} - ${sql.name('occurred_at')} AS age FROM ${sql.table(WebhookEvent)}
       WHERE ${sql.name('dispatched_at')} IS NULL ORDER BY ${sql.name('dispatched_at')}, ${sql.name('sequence')} LIMIT 1`,
    );
    return Math.max(0, Number(row?.age ?? 0));
  }

  private async dueDeliveries(): Promise<number> {
    const sql = new Sql(this.dataSource);
    const [row] = await this.dataSource.query<{ count: string | number }[]>(
      `SELECT COUNT(*) AS count FROM (SELECT 1 AS one FROM ${sql.table(WebhookDelivery)}
       WHERE ${sql.name('status')} = 'pending' AND ${sql.name('next_attempt_at')} <= ${STATEMENT_NOW[sql.dialect]} LIMIT ${COUNT_LIMIT}) AS due`,
    );
    return Number(row?.count ?? 0);
  }
}
