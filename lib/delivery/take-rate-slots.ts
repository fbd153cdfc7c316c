import type { DataSource } from 'typeorm';
import { NOW } from '../model/dialect.js';
import { readCommitted } from '../model/read-committed.js';
import { Sql } from '../model/sql.js';
import { Webhook } from '../model/webhook.entity.js';

/** How often requests may go to a webhook. */
export interface RateLimit {
  /** Requests per `ratePeriod`. */
  readonly rateLimit: number;
  /** Milliseconds. */
  readonly ratePeriod: number;
}

/** Part of the period by which requests are spread further than the limit asks: what the network may shift them. */
const SPREAD = 1.1;
/** Milliseconds ahead for which slots are given. */
const HORIZON = 1_000;

/** Milliseconds between two requests. */
export function rateInterval({ rateLimit, ratePeriod }: RateLimit): number {
  return (ratePeriod * SPREAD) / rateLimit;
}

/**
 * Takes the next free times at which requests may go to a webhook, over all workers and by the database's clock.
 * Requests are evenly spread, so that no window of the period ever holds more than the limit.
 *
 * @returns milliseconds to wait for each slot; fewer than asked for, or none, when the next ones are too far ahead
 */
export function takeRateSlots(
  dataSource: DataSource,
  webhookId: string,
  limit: RateLimit,
  count: number,
): Promise<number[]> {
  const interval = rateInterval(limit);
  return readCommitted(dataSource, async (manager) => {
    const select = new Sql(dataSource);
    const [row] = await manager.query<{ now: string | number; next: string | number | null }[]>(
      `SELECT ${NOW[select.dialect]} AS now, ${select.name('rate_next_at')} AS next FROM ${select.table(Webhook)}
       WHERE ${select.name('id')} = ${select.value(webhookId)} ${select.dialect === 'sqlite' ? '' : 'FOR UPDATE'}`,
      select.parameters,
    );
    if (row === undefined) return [];
    const now = Number(row.now);
    const first = Math.max(now, Number(row.next ?? 0));
    const slots = Array.from({ length: count }, (_, index) => first - now + index * interval).filter(
      (wait) => wait <= HORIZON,
    );
    if (slots.length === 0) return [];
    const update = new Sql(dataSource);
    await manager.query(
      `UPDATE ${update.table(Webhook)} SET ${update.name('rate_next_at')} = ${update.value(Math.ceil(first + slots.length * interval))}
       WHERE ${update.name('id')} = ${update.value(webhookId)}`,
      update.parameters,
    );
    return slots;
  });
}
