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

/** Milliseconds a lock lasts beyond the attempt, for the statements after it. */
const LOCK_MARGIN = 30_000;

/**
 * Takes deliveries that are pending and due, and fixes their bodies before anything is sent. Gives the lock's token
 * for each, or `null` for one that another worker has, that is not due, or that is done.
 */
export async function lockDeliveries(
  dataSource: DataSource,
  deliveries: readonly DeliveryToLock[],
): Promise<(string | null)[]> {
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
      locked_until: `${now} + v.${sql.name('lease')}`,
      queue_at: `${now} + v.${sql.name('lease')}`,
    },
    `d.${sql.name('status')} = 'pending' AND d.${sql.name('next_attempt_at')} <= ${now}
     AND (d.${sql.name('locked_until')} IS NULL OR d.${sql.name('locked_until')} <= ${now})`,
  );
  const locked = await lockedIds(dataSource, sql, update, token);
  return deliveries.map(({ id }) => (locked.has(id) ? token : null));
}

async function lockedIds(
  dataSource: DataSource,
  sql: Sql,
  update: string,
  token: string,
): Promise<Set<string>> {
  if (sql.dialect === 'postgres') {
    const [rows] = await dataSource.query<[{ id: string }[], number]>(
      `${update} RETURNING d."id"`,
      sql.parameters,
    );
    return new Set(rows.map(({ id }) => id));
  }
  await dataSource.query(update, sql.parameters);
  const select = new Sql(dataSource);
  const rows = await dataSource.query<{ id: string }[]>(
    `SELECT ${select.name('id')} FROM ${select.table(WebhookDelivery)} WHERE ${select.name('lock_token')} = ${select.value(token)}`,
    select.parameters,
  );
  return new Set(rows.map(({ id }) => id));
}
