import type { DataSource } from 'typeorm';
import { Sql } from '../../model/sql.js';
import { WebhookAttempt } from '../../model/webhook-attempt.entity.js';
import { listDeliveries } from './list-deliveries.js';

/** One attempt in a chart. */
export interface LatencyPoint {
  readonly deliveryId: string;
  readonly startedAt: Date;
  /** Milliseconds. */
  readonly duration: number;
  readonly succeeded: boolean;
}

const DELIVERIES = 60;
const ATTEMPTS = 60;

interface Row {
  delivery_id: string;
  started_at: string | number;
  duration: number;
  error_class: string | null;
}

/** The last attempts of a webhook's last deliveries, oldest first. */
export async function readLatency(dataSource: DataSource, webhookId: string): Promise<LatencyPoint[]> {
  const { items } = await listDeliveries(dataSource, { webhookId }, { limit: DELIVERIES });
  if (items.length === 0) return [];
  const sql = new Sql(dataSource);
  const rows = await dataSource.query<Row[]>(
    `SELECT ${sql.names(['delivery_id', 'started_at', 'duration', 'error_class'])} FROM ${sql.table(WebhookAttempt)}
     WHERE ${sql.name('delivery_id')} ${sql.among(items.map(({ id }) => id))}
     ORDER BY ${sql.name('started_at')} DESC LIMIT ${ATTEMPTS}`,
    sql.parameters,
  );
  return rows.toReversed().map((row) => ({
    deliveryId: row.delivery_id,
    startedAt: new Date(Number(row.started_at)),
    duration: row.duration,
    succeeded: row.error_class === null,
  }));
}
