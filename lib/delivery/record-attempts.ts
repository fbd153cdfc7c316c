import type { DataSource } from 'typeorm';
import { newId } from '../common/new-id.js';
import { NOW } from '../model/dialect.js';
import { readCommitted } from '../model/read-committed.js';
import { Sql, type ColumnType } from '../model/sql.js';
import { WebhookAttempt } from '../model/webhook-attempt.entity.js';
import { WebhookDelivery, type DeliveryTrigger } from '../model/webhook-delivery.entity.js';
import type { NextState } from './next-state.js';

/** A request and its answer as they are kept: secret values are masked. */
export interface RecordedExchange {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly remoteAddress: string | null;
  readonly statusCode: number | null;
  readonly responseHeaders: Readonly<Record<string, string>> | null;
  readonly responseBody: string | null;
  readonly errorClass: string | null;
  readonly error: string | null;
  readonly timings: Readonly<Record<string, number>> | null;
}

/** An attempt that was made, and what becomes of its delivery. */
export interface AttemptRecord {
  readonly deliveryId: string;
  /** Of the lock under which the attempt was made; a lock that was lost records the attempt only. */
  readonly lockToken: string;
  readonly number: number;
  readonly trigger: DeliveryTrigger;
  /** Milliseconds. */
  readonly duration: number;
  readonly exchange: RecordedExchange;
  /** The default body that was sent and is not written yet; `null` when there is nothing to write. */
  readonly defaultBody: string | null;
  readonly next: NextState;
}

const ATTEMPT: Readonly<Record<string, ColumnType>> = {
  id: 'text',
  delivery_id: 'text',
  number: 'int',
  trigger: 'text',
  duration: 'int',
  method: 'text',
  url: 'text',
  request_headers: 'text',
  remote_address: 'text',
  status_code: 'int',
  response_headers: 'text',
  response_body: 'text',
  error_class: 'text',
  error: 'text',
  timings: 'text',
};

const OUTCOME: Readonly<Record<string, ColumnType>> = {
  lock_token: 'text',
  status: 'text',
  attempts: 'int',
  next_delay: 'bigint',
  body: 'text',
};

/** Writes attempts and the new states of their deliveries: all of them, or none. */
export async function recordAttempts(
  dataSource: DataSource,
  records: readonly AttemptRecord[],
): Promise<void> {
  const rows = records.map(toRow);
  if (dataSource.options.type === 'postgres') {
    const sql = new Sql(dataSource);
    const source = sql.rows('r', { ...ATTEMPT, ...OUTCOME }, rows);
    await dataSource.query(
      `WITH v AS (SELECT r.*, r."delivery_id" AS key FROM ${source}), inserted AS (${insertFrom(sql, 'v')})
       ${updateFrom(sql, `(SELECT v.*, v.key AS "id" FROM (SELECT ${sql.names(['status_code', 'error', ...Object.keys(OUTCOME)])}, key FROM v) AS v) AS v`)}`,
      sql.parameters,
    );
    return;
  }
  await readCommitted(dataSource, async (manager) => {
    const insert = new Sql(dataSource);
    const attempts = insert.rows('v', ATTEMPT, rows);
    await manager.query(insertFrom(insert, attempts), insert.parameters);
    const update = new Sql(dataSource);
    const source = update.rows(
      'v',
      { id: 'text', status_code: 'int', error: 'text', ...OUTCOME },
      records.map(({ deliveryId, exchange, lockToken, next, defaultBody }) => [
        deliveryId,
        exchange.statusCode,
        exchange.error,
        lockToken,
        next.status,
        next.attempts,
        next.nextDelay,
        defaultBody,
      ]),
    );
    await manager.query(updateFrom(update, source), update.parameters);
  });
}

/** What is recorded of a delivery that was deleted while it was sent would stay for ever. */
function insertFrom(sql: Sql, source: string): string {
  const names = Object.keys(ATTEMPT);
  return `INSERT INTO ${sql.table(WebhookAttempt)} (${sql.names(names)}, ${sql.name('started_at')})
    SELECT ${sql.names(names, 'v')}, ${NOW[sql.dialect]} - v.${sql.name('duration')} FROM ${source}
    WHERE EXISTS (SELECT 1 FROM ${sql.table(WebhookDelivery)} AS d WHERE d.${sql.name('id')} = v.${sql.name('delivery_id')})`;
}

function updateFrom(sql: Sql, source: string): string {
  const now = NOW[sql.dialect];
  const next = `${now} + v.${sql.name('next_delay')}`;
  const body = `v.${sql.name('body')}`;
  return sql.updateFrom(
    sql.table(WebhookDelivery),
    source,
    {
      // The number of an attempt is the count of all made before it, and one.
      made: `d.${sql.name('made')} + 1`,
      retry: 'true',
      next_trigger: 'NULL',
      status: `v.${sql.name('status')}`,
      attempts: `v.${sql.name('attempts')}`,
      status_code: `v.${sql.name('status_code')}`,
      error: `v.${sql.name('error')}`,
      next_attempt_at: next,
      queue_at: next,
      finished_at: `CASE WHEN v.${sql.name('status')} IN ('pending', 'held') THEN NULL ELSE ${now} END`,
      rendered: `(d.${sql.name('rendered')} OR ${body} IS NOT NULL)`,
      body: `COALESCE(d.${sql.name('body')}, ${body})`,
      // Where nothing could be rendered under this lock, nothing is fixed.
      default_body_lock: `CASE WHEN ${body} IS NULL THEN NULLIF(d.${sql.name('default_body_lock')}, v.${sql.name('lock_token')}) END`,
      locked_until: 'NULL',
      lock_token: 'NULL',
    },
    `d.${sql.name('lock_token')} = v.${sql.name('lock_token')}`,
  );
}

function toRow(record: AttemptRecord): unknown[] {
  const { exchange, next } = record;
  return [
    newId(),
    record.deliveryId,
    record.number,
    record.trigger,
    record.duration,
    exchange.method,
    exchange.url,
    json(exchange.requestHeaders),
    exchange.remoteAddress,
    exchange.statusCode,
    json(exchange.responseHeaders),
    exchange.responseBody,
    exchange.errorClass,
    exchange.error,
    json(exchange.timings),
    record.lockToken,
    next.status,
    next.attempts,
    next.nextDelay,
    record.defaultBody,
  ];
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
