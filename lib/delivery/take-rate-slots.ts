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

/** Times at which requests may go. */
export interface RateSlots {
  /** Milliseconds to wait for each; fewer than asked for, or none, when the next ones are too far ahead. */
  readonly waits: readonly number[];
  /** Milliseconds until the time after those. */
  readonly next: number;
}

/** Part of the period by which requests are spread further than the limit asks: what the network may shift them. */
const SPREAD = 1.1;
/** Milliseconds ahead for which slots are given. */
export const RATE_HORIZON = 1_000;

/** Milliseconds between two requests. */
export function rateInterval({ rateLimit, ratePeriod }: RateLimit): number {
  return (ratePeriod * SPREAD) / rateLimit;
}

/**
 * The longest that the next free time is ever ahead, in milliseconds. One further ahead is of a clock that was set back
 * since: a webhook would be silent until that time comes again.
 */
export function latestSlot(limit: RateLimit): number {
  return RATE_HORIZON + Math.ceil(rateInterval(limit));
}

/**
 * How many requests could be given a time now.
 *
 * @param next - milliseconds until the next free time; negative when it is over
 */
export function freeRateSlots(limit: RateLimit, next: number): number {
  const left = RATE_HORIZON - Math.max(0, next);
  return left < 0 ? 0 : Math.floor(left / rateInterval(limit)) + 1;
}

/**
 * Takes the next free times at which requests may go to a webhook, over all workers and by the database's clock.
 * Requests are evenly spread, so that no window of the period ever holds more than the limit.
 */
export function takeRateSlots(
  dataSource: DataSource,
  webhookId: string,
  limit: RateLimit,
  count: number,
): Promise<RateSlots> {
  const interval = rateInterval(limit);
  return readCommitted(dataSource, async (manager) => {
    const select = new Sql(dataSource);
    const [row] = await manager.query<{ now: string | number; next: string | number | null }[]>(
      `SELECT ${NOW[select.dialect]} AS now, ${select.name('rate_next_at')} AS next FROM ${select.table(Webhook)}
       WHERE ${select.name('id')} = ${select.value(webhookId)} ${select.dialect === 'sqlite' ? '' : 'FOR UPDATE'}`,
      select.parameters,
    );
    if (row === undefined) return { waits: [], next: 0 };
    const now = Number(row.now);
    const known = Number(row.next ?? 0);
    const first = Math.min(Math.max(now, known), now + latestSlot(limit));
    const taken = Math.min(count, freeRateSlots(limit, first - now));
    const waits = Array.from({ length: taken }, (_, index) => first - now + index * interval);
    const next = Math.ceil(first + taken * interval);
    if (taken > 0 || next < known) {
      const update = new Sql(dataSource);
      await manager.query(
        `UPDATE ${update.table(Webhook)} SET ${update.name('rate_next_at')} = ${update.value(next)}
         WHERE ${update.name('id')} = ${update.value(webhookId)}`,
        update.parameters,
      );
    }
    return { waits, next: next - now };
  });
}

/**
 * The next free time after a change of the limit, as SQL for an UPDATE of the webhook: at most an interval of the new
 * limit from now, whatever the old one made others wait.
 */
export function nextSlotUnder(dataSource: DataSource, limit: RateLimit): string {
  const sql = new Sql(dataSource);
  const next = sql.name('rate_next_at');
  const latest = `${NOW[sql.dialect]} + ${Math.ceil(rateInterval(limit))}`;
  return `CASE WHEN ${next} > ${latest} THEN ${latest} ELSE ${next} END`;
}
