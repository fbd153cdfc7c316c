import type { DataSource } from 'typeorm';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { Webhook } from '../model/webhook.entity.js';
import type { DeliveryWork } from './delivery-work.js';

/** The state of an endpoint for a delivery that was taken before: an end of its rest is for the next one to probe. */
export type RecheckedEndpoint = Pick<DeliveryWork['endpoint'], 'enabled' | 'resting'>;

interface Row {
  id: string;
  lock_token: string | null;
  /** `null` when the webhook was deleted. */
  enabled: boolean | number | null;
  resting: boolean | number;
}

/**
 * Looks again at deliveries that were locked a while ago.
 *
 * @returns `null` in the place of one whose lock is lost: it was cancelled, or its webhook deleted
 */
export async function recheckDeliveries(
  dataSource: DataSource,
  deliveries: readonly Pick<DeliveryWork, 'id' | 'lock'>[],
): Promise<(RecheckedEndpoint | null)[]> {
  const sql = new Sql(dataSource);
  // An outer join: from the webhook, PostgreSQL may read all of its deliveries.
  const rows = await dataSource.query<Row[]>(
    `SELECT d.${sql.name('id')} AS id, d.${sql.name('lock_token')} AS lock_token, w.${sql.name('enabled')} AS enabled,
       w.${sql.name('paused_until')} IS NOT NULL AS resting
     FROM ${sql.table(WebhookDelivery)} AS d LEFT JOIN ${sql.table(Webhook)} AS w ON w.${sql.name('id')} = d.${sql.name('webhook_id')}
     WHERE d.${sql.name('id')} ${sql.among(deliveries.map(({ id }) => id))}`,
    sql.parameters,
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return deliveries.map(({ id, lock }) => {
    const row = found.get(id);
    if (row?.lock_token !== lock.token) return null;
    return { enabled: Boolean(row.enabled), resting: Boolean(row.resting) };
  });
}
