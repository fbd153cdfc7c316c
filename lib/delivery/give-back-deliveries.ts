import type { DataSource } from 'typeorm';
import { NOW } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { statusByKey } from './status-by-key.js';

/** A delivery that is not sent now. */
export interface DeliveryToGiveBack {
  readonly id: string;
  /** Milliseconds until it is put into the queue again. */
  readonly delay: number;
  /** Of the lock to release; `null` when there is none. */
  readonly lockToken: string | null;
}

/** Leaves deliveries to the feeder. Those that another worker has meanwhile are its own. */
export async function giveBackDeliveries(
  dataSource: DataSource,
  deliveries: readonly DeliveryToGiveBack[],
): Promise<void> {
  const sql = new Sql(dataSource);
  const now = NOW[sql.dialect];
  const source = sql.rows(
    'v',
    { id: 'text', delay: 'bigint', lock_token: 'text' },
    deliveries.map(({ id, delay, lockToken }) => [id, delay, lockToken]),
  );
  const back = `${now} + v.${sql.name('delay')}`;
  const due = `d.${sql.name('next_attempt_at')}`;
  const [locked, token] = [`d.${sql.name('locked_until')}`, `d.${sql.name('lock_token')}`];
  await dataSource.query(
    sql.updateFrom(
      sql.table(WebhookDelivery),
      source,
      {
        // It may have been tried meanwhile: until its retry is due, a job would be of no use.
        queue_at: `CASE WHEN ${due} > ${back} THEN ${due} ELSE ${back} END`,
        // Nothing was sent.
        default_body_lock: `NULLIF(d.${sql.name('default_body_lock')}, v.${sql.name('lock_token')})`,
        locked_until: 'NULL',
        lock_token: 'NULL',
      },
      `${statusByKey(sql, 'd')} = 'pending'
       AND (${locked} IS NULL OR ${locked} <= ${now} OR ${token} = v.${sql.name('lock_token')})`,
    ),
    sql.parameters,
  );
}
