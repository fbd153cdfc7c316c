import type { DataSource } from 'typeorm';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import type { DeliveryWork } from './delivery-work.js';

/** The delivery that may go now that this one is finished, for a webhook that asks for order. */
export async function nextOfObject(dataSource: DataSource, work: DeliveryWork): Promise<string | undefined> {
  if (work.event === null) return undefined;
  const sql = new Sql(dataSource);
  const objects = [work.objectId, ...(work.event.counterpartId === null ? [] : [work.event.counterpartId])];
  const is = (column: string, value: string) => `${sql.name(column)} = ${sql.value(value)}`;
  const [row] = await dataSource.query<{ id: string }[]>(
    `SELECT ${sql.name('id')} AS id FROM ${sql.table(WebhookDelivery)}
     WHERE ${is('webhook_id', work.webhookId)} AND ${is('model', work.event.model)} AND ${sql.name('object_id')} ${sql.among(objects)}
       AND ${sql.name('status')} = 'pending'
     ORDER BY ${sql.name('sequence')} LIMIT 1`,
    sql.parameters,
  );
  return row?.id;
}
