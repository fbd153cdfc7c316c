import type { DataSource } from 'typeorm';
import { NOW } from '../../model/dialect.js';
import { Sql } from '../../model/sql.js';
import { WebhookDelivery } from '../../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../../model/webhook-event.entity.js';

/** Rows counted at most: beyond it a count says "at least". */
export const COUNT_LIMIT = 10_000;

/** What waits, as the database knows it. Counts end at {@link COUNT_LIMIT}. */
export interface QueueState {
  /** Events whose deliveries are not made yet. */
  readonly events: number;
  readonly oldestEventAt: Date | null;
  /** Deliveries that are due. */
  readonly waiting: number;
  /** Deliveries that are being sent. */
  readonly active: number;
  /** Deliveries whose next attempt is later. */
  readonly delayed: number;
  /** Deliveries of disabled webhooks. */
  readonly held: number;
  /** When the oldest unfinished delivery was made. */
  readonly oldestDeliveryAt: Date | null;
  /** The earliest next attempt of the delayed ones. */
  readonly nextAttemptAt: Date | null;
}

type Counts = Record<
  'waiting' | 'active' | 'delayed' | 'held' | 'events' | 'oldest_event' | 'oldest_delivery' | 'next_attempt',
  string | number | null
>;

/** Reads what waits, at a bounded cost. */
export async function readQueue(dataSource: DataSource): Promise<QueueState> {
  const sql = new Sql(dataSource);
  const n = (column: string) => sql.name(column);
  const now = NOW[sql.dialect];
  const delivery = sql.table(WebhookDelivery);
  const event = sql.table(WebhookEvent);
  const locked = `p.${n('locked_until')} IS NOT NULL AND p.${n('locked_until')} > ${now}`;
  const later = `p.${n('next_attempt_at')} IS NOT NULL AND p.${n('next_attempt_at')} > ${now}`;
  const [row] = await dataSource.query<Counts[]>(
    `SELECT ${count(`NOT (${locked}) AND NOT (${later})`)} AS ${n('waiting')}, ${count(locked)} AS ${n('active')},
       ${count(`NOT (${locked}) AND ${later}`)} AS ${n('delayed')},
       MIN(CASE WHEN ${later} THEN p.${n('next_attempt_at')} END) AS ${n('next_attempt')},
       (SELECT COUNT(*) FROM (SELECT 1 AS one FROM ${delivery} WHERE ${n('status')} = 'held' LIMIT ${COUNT_LIMIT}) AS h) AS ${n('held')},
       (SELECT COUNT(*) FROM (SELECT 1 AS one FROM ${event} WHERE ${n('dispatched_at')} IS NULL LIMIT ${COUNT_LIMIT}) AS w) AS ${n('events')},
       (SELECT ${n('occurred_at')} FROM ${event} WHERE ${n('dispatched_at')} IS NULL ORDER BY ${n('dispatched_at')}, ${n('sequence')} LIMIT 1) AS ${n('oldest_event')},
       (SELECT ${n('created_at')} FROM ${delivery} WHERE ${n('status')} = 'pending' ORDER BY ${n('id')} LIMIT 1) AS ${n('oldest_delivery')}
     FROM (SELECT ${sql.names(['next_attempt_at', 'locked_until'])} FROM ${delivery}
       WHERE ${n('status')} = 'pending' LIMIT ${COUNT_LIMIT}) AS p`,
    sql.parameters,
  );
  return {
    events: number(row?.events),
    oldestEventAt: time(row?.oldest_event),
    waiting: number(row?.waiting),
    active: number(row?.active),
    delayed: number(row?.delayed),
    held: number(row?.held),
    oldestDeliveryAt: time(row?.oldest_delivery),
    nextAttemptAt: time(row?.next_attempt),
  };
}

function count(condition: string): string {
  return `COALESCE(SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END), 0)`;
}

function number(value: string | number | null | undefined): number {
  return Number(value ?? 0);
}

function time(value: string | number | null | undefined): Date | null {
  return value === null || value === undefined ? null : new Date(Number(value));
}
