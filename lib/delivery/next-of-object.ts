import type { DataSource, EntityManager } from 'typeorm';
import { readInIndexOrder } from '../model/read-committed.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import type { DeliveryWork } from './delivery-work.js';

/** The delivery that may go now that this one is finished, for a webhook that asks for order. */
export async function nextOfObject(dataSource: DataSource, work: DeliveryWork): Promise<string | undefined> {
  if (work.event === null) return undefined;
  const { webhookId, objectId } = work;
  const { model, counterpartId } = work.event;
  const found = await readInIndexOrder(dataSource, async (manager) => {
    const first = await firstPending(manager, webhookId, model, objectId);
    const other = counterpartId === null ? [] : await firstPending(manager, webhookId, model, counterpartId);
    return [...first, ...other];
  });
  return found.toSorted((a, b) => Number(a.sequence) - Number(b.sequence))[0]?.id;
}

/** The first that is pending of one object; a list of objects would be sorted. */
function firstPending(
  manager: EntityManager,
  webhookId: string,
  model: string,
  objectId: string,
): Promise<{ id: string; sequence: string | number }[]> {
  const sql = new Sql(manager.dataSource);
  const is = (column: string, value: string) => `${sql.name(column)} = ${sql.value(value)}`;
  return manager.query(
    `SELECT ${sql.names(['id', 'sequence'])} FROM ${sql.table(WebhookDelivery)}
     WHERE ${is('webhook_id', webhookId)} AND ${is('model', model)} AND ${is('object_id', objectId)}
       AND ${sql.name('status')} = 'pending'
     ORDER BY ${sql.name('sequence')} LIMIT 1`,
    sql.parameters,
  );
}
