import { In, type DataSource } from 'typeorm';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import { Webhook } from '../model/webhook.entity.js';
import type { DeliveryWork } from './delivery-work.js';

const DELIVERY = ['id', 'webhook_id', 'status', 'trigger', 'attempts', 'rendered', 'body'] as const;
const EVENT = [
  'model',
  'event',
  'occurred_at',
  'username',
  'request_id',
  'data',
  'prechange',
  'postchange',
  'changed',
] as const;

interface Row {
  id: string;
  webhook_id: string;
  status: DeliveryWork['status'];
  trigger: DeliveryWork['trigger'];
  attempts: number;
  rendered: boolean | number;
  body: string | null;
  event_id: string;
  model: string;
  event: DeliveryWork['event']['event'];
  occurred_at: string | number;
  username: string | null;
  request_id: string | null;
  data: string;
  prechange: string | null;
  postchange: string | null;
  changed: string;
}

/** Reads deliveries with their events and webhooks; `undefined` in the place of one that is gone. */
export async function loadDeliveries(
  dataSource: DataSource,
  ids: readonly string[],
): Promise<(DeliveryWork | undefined)[]> {
  const sql = new Sql(dataSource);
  const rows = await dataSource.query<Row[]>(
    `SELECT ${sql.names(DELIVERY, 'd')}, d.${sql.name('event_id')}, ${sql.names(EVENT, 'e')}
     FROM ${sql.table(WebhookDelivery)} AS d JOIN ${sql.table(WebhookEvent)} AS e ON e.${sql.name('id')} = d.${sql.name('event_id')}
     WHERE d.${sql.name('id')} ${sql.among(ids)}`,
    sql.parameters,
  );
  const webhooks = await dataSource
    .getRepository(Webhook)
    .findBy({ id: In([...new Set(rows.map((row) => row.webhook_id))]) });
  const byId = new Map(webhooks.map((webhook) => [webhook.id, webhook]));
  const work = new Map(rows.map((row) => [row.id, toWork(row, byId.get(row.webhook_id) ?? null)]));
  return ids.map((id) => work.get(id));
}

function toWork(row: Row, webhook: Webhook | null): DeliveryWork {
  return {
    id: row.id,
    status: row.status,
    trigger: row.trigger,
    attempts: row.attempts,
    rendered: Boolean(row.rendered),
    body: row.body,
    webhook,
    event: {
      id: row.event_id,
      model: row.model,
      event: row.event,
      occurredAt: new Date(Number(row.occurred_at)),
      username: row.username,
      requestId: row.request_id,
      data: row.data,
      prechange: row.prechange,
      postchange: row.postchange,
      changed: JSON.parse(row.changed) as string[],
    },
  };
}
