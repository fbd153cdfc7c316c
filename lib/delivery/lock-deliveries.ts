import type { DataSource } from 'typeorm';
import { newId } from '../common/new-id.js';
import { NOW } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';

/** A delivery about to be sent. */
export interface DeliveryToLock {
  readonly id: string;
  /** Fixed by this statement unless an earlier one did. */
  readonly body: string | null;
  /** Whether there is a body to fix; `false` when it could not be rendered. */
  readonly fixed: boolean;
  /** Milliseconds the lock must outlive: the attempt's time limit. */
  readonly timeout: number;
}

/** A lock that was taken. */
export interface DeliveryLock {
  readonly token: string;
  /** When, in milliseconds by the database's clock. */
  readonly at: number;
}

/** Milliseconds a lock lasts beyond the attempt: for waiting before it and the statements after it. */
export const LOCK_MARGIN = 30_000;

/**
 * Takes deliveries that are pending and due, and fixes their bodies before anything is sent. Gives the lock of
 * each, or `null` for one that another worker has, that is not due, or that is done.
 */
export async function lockDeliveries(
  dataSource: DataSource,
  deliveries: readonly DeliveryToLock[],
): Promise<(DeliveryLock | null)[]> {
  const token = newId();
  const sql = new Sql(dataSource);
  const now = NOW[sql.dialect];
  const table = sql.table(WebhookDelivery);
  const setToken = sql.dialect === 'mysql' ? null : sql.value(token);
  const source = sql.rows(
    'v',
    { id: 'text', body: 'text', fixed: 'boolean', lease: 'bigint' },
    deliveries.map(({ id, body, fixed, timeout }) => [id, body, fixed, timeout + LOCK_MARGIN]),
  );
  const body = `CASE WHEN d.${sql.name('rendered')} THEN d.${sql.name('body')} ELSE v.${sql.name('body')} END`;
  const update = sql.updateFrom(
    table,
    source,
    {
      // In this order: MySQL assigns from left to right, and `rendered` decides what the body is.
      body,
      rendered: `(d.${sql.name('rendered')} OR v.${sql.name('fixed')})`,
      lock_token: setToken ?? sql.value(token),
      // Not `queue_at`, which is in an index: the feeder passes over what is locked.
      locked_until: `${now} + v.${sql.name('lease')}`,
    },
    `d.${sql.name('status')} = 'pending' AND d.${sql.name('next_attempt_at')} <= ${now}
     AND (d.${sql.name('locked_until')} IS NULL OR d.${sql.name('locked_until')} <= ${now})`,
  );
  const locked = await lockedAt(dataSource, sql, update, {
    token,
    ids: deliveries.map(({ id }) => id),
  });
  return deliveries.map(({ id }) => {
    const at = locked.get(id);
    return at === undefined ? null : { token, at };
  });
}

async function lockedAt(
  dataSource: DataSource,
  sql: Sql,
  update: string,
  { token, ids }: { token: string; ids: readonly string[] },
): Promise<Map<string, number>> {
  if (sql.dialect === 'postgres') {
    const [rows] = await dataSource.query<[Row[], number]>(
      `${update} RETURNING d."id", ${NOW.postgres} AS now`,
      sql.parameters,
    );
    return toMap(rows);
  }
  await dataSource.query(update, sql.parameters);
  const select = new Sql(dataSource);
  return toMap(
    await dataSource.query<Row[]>(
      `SELECT ${select.name('id')} AS id, ${NOW[select.dialect]} AS now FROM ${select.table(WebhookDelivery)}
       WHERE ${select.name('lock_token')} = ${select.value(token)} AND ${select.name('id')} ${select.among(ids)}`,
      select.parameters,
    ),
  );
}

interface Row {
  id: string;
  now: string | number;
}

function toMap(rows: readonly Row[]): Map<string, number> {
  return new Map(rows.map(({ id, now }) => [id, Number(now)]));
}
