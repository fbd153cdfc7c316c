import type { DataSource } from 'typeorm';
import { newId } from '../common/new-id.js';
import { NOW } from '../model/dialect.js';
import { Sql, type ColumnType } from '../model/sql.js';
import { WebhookAttempt } from '../model/webhook-attempt.entity.js';
import {
  WebhookDelivery,
  type DeliveryStatus,
  type DeliveryTrigger,
} from '../model/webhook-delivery.entity.js';

/** An attempt that was made, and what becomes of its delivery. */
export interface AttemptRecord {
  readonly deliveryId: string;
  /** Of the lock under which the attempt was made; a lock that was lost records the attempt only. */
  readonly lockToken: string;
  readonly number: number;
  readonly trigger: DeliveryTrigger;
  /** Milliseconds. */
  readonly duration: number;
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
  readonly status: DeliveryStatus;
  /** Attempts that count, after this one. */
  readonly attempts: number;
  /** Milliseconds until the next attempt; `null` when none follows. */
  readonly nextDelay: number | null;
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
  await dataSource.transaction(async (manager) => {
    const insert = new Sql(dataSource);
    const attempts = insert.rows('v', ATTEMPT, rows);
    await manager.query(insertFrom(insert, attempts), insert.parameters);
    const update = new Sql(dataSource);
    const source = update.rows(
      'v',
      { id: 'text', status_code: 'int', error: 'text', ...OUTCOME },
      records.map((record) => [
        record.deliveryId,
        record.statusCode,
        record.error,
        record.lockToken,
        record.status,
        record.attempts,
        record.nextDelay,
      ]),
    );
    await manager.query(updateFrom(update, source), update.parameters);
  });
}

function insertFrom(sql: Sql, source: string): string {
  const names = Object.keys(ATTEMPT);
  return `INSERT INTO ${sql.table(WebhookAttempt)} (${sql.names(names)}, ${sql.name('started_at')})
    SELECT ${sql.names(names, 'v')}, ${NOW[sql.dialect]} - v.${sql.name('duration')} FROM ${source}`;
}

function updateFrom(sql: Sql, source: string): string {
  const now = NOW[sql.dialect];
  const next = `${now} + v.${sql.name('next_delay')}`;
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
      locked_until: 'NULL',
      lock_token: 'NULL',
    },
    `d.${sql.name('lock_token')} = v.${sql.name('lock_token')}`,
  );
}

function toRow(record: AttemptRecord): unknown[] {
  return [
    newId(),
    record.deliveryId,
    record.number,
    record.trigger,
    record.duration,
    record.method,
    record.url,
    json(record.requestHeaders),
    record.remoteAddress,
    record.statusCode,
    json(record.responseHeaders),
    record.responseBody,
    record.errorClass,
    record.error,
    json(record.timings),
    record.lockToken,
    record.status,
    record.attempts,
    record.nextDelay,
  ];
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
