import { In, type DataSource } from 'typeorm';
import { NOW } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import { Webhook } from '../model/webhook.entity.js';
import type { DeliveryWork } from './delivery-work.js';

const DELIVERY = [
  'id',
  'webhook_id',
  'event_id',
  'object_id',
  'status',
  'trigger',
  'next_trigger',
  'attempts',
  'made',
  'rendered',
  'body',
] as const;
const EVENT = [
  'model',
  'event',
  'counterpart_id',
  'occurred_at',
  'username',
  'request_id',
  'traceparent',
  'data',
  'prechange',
  'postchange',
  'changed',
] as const;

type Flag = boolean | number | null;

interface Row {
  id: string;
  webhook_id: string;
  event_id: string;
  object_id: string;
  status: DeliveryWork['status'];
  trigger: DeliveryWork['trigger'];
  next_trigger: DeliveryWork['nextTrigger'];
  attempts: number;
  made: number;
  rendered: Flag;
  body: string | null;
  model: string;
  event: NonNullable<DeliveryWork['event']>['event'];
  counterpart_id: string | null;
  /** `null` when the event is no longer kept. */
  occurred_at: string | number | null;
  username: string | null;
  request_id: string | null;
  traceparent: string | null;
  data: string;
  prechange: string | null;
  postchange: string | null;
  changed: string;
  /** `null` when the webhook was deleted. */
  revision: number | null;
  enabled: Flag;
  failing: Flag;
  resting: Flag;
  probing: Flag;
  first: Flag;
}

/** Webhooks as they were last read, by id; the revision says whether that is still so. */
export type WebhookCache = Map<string, Webhook>;

/** Webhooks kept at most. */
const MAX_CACHED = 1_000;

/** Reads deliveries with their events and webhooks; `undefined` in the place of one that is gone. */
export async function loadDeliveries(
  dataSource: DataSource,
  cache: WebhookCache,
  ids: readonly string[],
): Promise<(DeliveryWork | undefined)[]> {
  const sql = new Sql(dataSource);
  const now = NOW[sql.dialect];
  const id = sql.name('id');
  const paused = `w.${sql.name('paused_until')}`;
  const rows = await dataSource.query<Row[]>(
    `SELECT ${sql.names(DELIVERY, 'd')}, ${sql.names(EVENT, 'e')}, w.${sql.name('revision')}, w.${sql.name('enabled')},
       (w.${sql.name('failure_count')} > 0 OR ${paused} IS NOT NULL) AS failing,
       (${paused} > ${now}) AS resting, (${paused} <= ${now}) AS probing,
       (w.${sql.name('ordered')} = false OR (${isFirst(sql)})) AS first
     FROM ${sql.table(WebhookDelivery)} AS d
       LEFT JOIN ${sql.table(WebhookEvent)} AS e ON e.${id} = d.${sql.name('event_id')}
       LEFT JOIN ${sql.table(Webhook)} AS w ON w.${id} = d.${sql.name('webhook_id')}
     WHERE d.${id} ${sql.among(ids)}`,
    sql.parameters,
  );
  await refresh(dataSource, cache, rows);
  const work = new Map(rows.map((row) => [row.id, toWork(row, cache)]));
  return ids.map((each) => work.get(each));
}

/**
 * Whether nothing of the same object goes before it: no delivery, and no event that may become one. What is first stays
 * first, since the database's sequence is given under the object's lock. An object whose key was changed was another
 * one until then: its create comes after all that the old key was told.
 */
function isFirst(sql: Sql): string {
  const nothingOf = (object: string) => {
    const earlier = (alias: string) =>
      `${alias}.${sql.name('model')} = d.${sql.name('model')} AND ${alias}.${sql.name('object_id')} = ${object}
       AND ${alias}.${sql.name('sequence')} < d.${sql.name('sequence')}`;
    return `NOT EXISTS (SELECT 1 FROM ${sql.table(WebhookDelivery)} AS p
       WHERE p.${sql.name('webhook_id')} = d.${sql.name('webhook_id')} AND p.${sql.name('status')} = 'pending' AND ${earlier('p')})
     AND NOT EXISTS (SELECT 1 FROM ${sql.table(WebhookEvent)} AS u
       WHERE u.${sql.name('dispatched_at')} IS NULL AND ${earlier('u')})`;
  };
  return `${nothingOf(`d.${sql.name('object_id')}`)} AND ${nothingOf(`e.${sql.name('counterpart_id')}`)}`;
}

/** Reads the webhooks that changed since they were last read. */
async function refresh(dataSource: DataSource, cache: WebhookCache, rows: readonly Row[]): Promise<void> {
  const changed = new Set<string>();
  for (const { webhook_id, revision } of rows) {
    if (revision !== null && cache.get(webhook_id)?.revision !== revision) changed.add(webhook_id);
  }
  if (changed.size === 0) return;
  if (cache.size + changed.size > MAX_CACHED) cache.clear();
  for (const webhook of await dataSource.getRepository(Webhook).findBy({ id: In([...changed]) })) {
    cache.set(webhook.id, webhook);
  }
}

function toWork(row: Row, cache: WebhookCache): DeliveryWork {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    objectId: row.object_id,
    status: row.status,
    trigger: row.trigger,
    nextTrigger: row.next_trigger,
    attempts: row.attempts,
    made: row.made,
    rendered: Boolean(row.rendered),
    body: row.body,
    webhook: row.revision === null ? null : (cache.get(row.webhook_id) ?? null),
    endpoint: {
      enabled: Boolean(row.enabled),
      failing: Boolean(row.failing),
      resting: Boolean(row.resting),
      probing: Boolean(row.probing),
    },
    first: row.first === null || Boolean(row.first),
    event:
      row.occurred_at === null
        ? null
        : {
            id: row.event_id,
            model: row.model,
            event: row.event,
            counterpartId: row.counterpart_id,
            occurredAt: new Date(Number(row.occurred_at)),
            username: row.username,
            requestId: row.request_id,
            traceparent: row.traceparent,
            data: row.data,
            prechange: row.prechange,
            postchange: row.postchange,
            changed: JSON.parse(row.changed) as string[],
          },
  };
}
