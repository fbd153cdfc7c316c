import { In, type DataSource, type EntityManager } from 'typeorm';
import { newId } from '../common/new-id.js';
import { NOW } from '../model/dialect.js';
import { onPrimary } from '../model/on-primary.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import { Webhook } from '../model/webhook.entity.js';
import type { DeliveryWork } from './delivery-work.js';
import { statusByKey } from './status-by-key.js';
import { withoutWaiting } from './without-waiting.js';

const DELIVERY = [
  'id',
  'webhook_id',
  'event_id',
  'object_id',
  'trigger',
  'next_trigger',
  'attempts',
  'made',
  'made_before',
  'rendered',
  'body',
  'default_body_lock',
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
  trigger: DeliveryWork['trigger'];
  next_trigger: DeliveryWork['nextTrigger'];
  attempts: number;
  made: number;
  made_before: number;
  rendered: Flag;
  body: string | null;
  default_body_lock: string | null;
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
  now: string | number;
}

/** Webhooks as they were last read, by id; the revision says whether that is still so. */
export type WebhookCache = Map<string, Webhook>;

/** Webhooks kept at most. */
const MAX_CACHED = 1_000;
/** Milliseconds a lock lasts beyond the attempt: for waiting before it and the statements after it. */
export const LOCK_MARGIN = 30_000;

/**
 * Locks deliveries that are pending and due, and reads them with their events and webhooks. The same statement fixes
 * the body of those whose webhook has the default one: the event alone decides it, so that it need not be written
 * before it is sent.
 *
 * What somebody else has at this moment is left to them: on PostgreSQL no claim waits, so that none is in a circle of
 * those who wait.
 *
 * @param timeout - milliseconds that an attempt takes at most, where the webhook does not say
 * @returns `null` in the place of one that another worker has, that is not due, done or gone
 */
export async function claimDeliveries(
  dataSource: DataSource,
  cache: WebhookCache,
  ids: readonly string[],
  timeout: number,
): Promise<(DeliveryWork | null)[]> {
  const token = newId();
  const rows = await lockAndRead(dataSource, ids, token, timeout);
  const taken = performance.now();
  const webhooks = await webhooksOf(dataSource, cache, rows);
  const work = new Map(
    rows.map((row) => [row.id, toWork(row, webhooks, { token, at: Number(row.now), taken })]),
  );
  return ids.map((id) => work.get(id) ?? null);
}

async function lockAndRead(
  dataSource: DataSource,
  ids: readonly string[],
  token: string,
  timeout: number,
): Promise<Row[]> {
  const sql = new Sql(dataSource);
  const update = lockStatement(sql, ids, token, timeout);
  if (sql.dialect === 'postgres') {
    const read = readFrom(sql, 'claimed');
    return dataSource.query<Row[]>(
      `WITH claimed AS (${update} RETURNING ${sql.names(DELIVERY, 'd')}) ${read}`,
      sql.parameters,
    );
  }
  await dataSource.query(update, sql.parameters);
  const select = new Sql(dataSource);
  const read = readFrom(select, select.table(WebhookDelivery));
  return dataSource.query<Row[]>(
    `${read} WHERE d.${select.name('id')} ${select.among(ids)} AND d.${select.name('lock_token')} = ${select.value(token)}`,
    select.parameters,
  );
}

function lockStatement(sql: Sql, ids: readonly string[], token: string, timeout: number): string {
  const now = NOW[sql.dialect];
  const column = (name: string) => `d.${sql.name(name)}`;
  const webhook = (expression: string) =>
    `(SELECT ${expression} FROM ${sql.table(Webhook)} AS w WHERE w.${sql.name('id')} = ${column('webhook_id')})`;
  const hasDefaultBody = `w.${sql.name('body_template')} = '' AND w.${sql.name('method')} <> 'GET'`;
  // Left from an earlier lock, it is of an attempt of which nothing is known.
  const fixed = `${column('default_body_lock')} IS NOT NULL OR ${column('rendered')}`;
  // Nothing that is in an index: the feeder passes over what is locked.
  const assignments: Readonly<Record<string, string>> = {
    locked_until: `${now} + COALESCE(${webhook(`w.${sql.name('timeout')}`)}, ${timeout}) + ${LOCK_MARGIN}`,
    default_body_lock: `CASE WHEN ${fixed} THEN ${column('default_body_lock')}
       ELSE ${webhook(`CASE WHEN ${hasDefaultBody} THEN ${sql.value(token)} END`)} END`,
    lock_token: sql.value(token),
  };
  const prefix = sql.dialect === 'mysql' ? 'd.' : '';
  const set = Object.entries(assignments).map(([name, value]) => `${prefix}${sql.name(name)} = ${value}`);
  const free = `${column('id')} ${sql.among(ids)} AND ${statusByKey(sql, 'd')} = 'pending'
    AND ${column('next_attempt_at')} <= ${now} AND (${column('locked_until')} IS NULL OR ${column('locked_until')} <= ${now})`;
  return `UPDATE ${sql.table(WebhookDelivery)} AS d SET ${set.join(', ')} WHERE ${withoutWaiting(sql, free)}`;
}

function readFrom(sql: Sql, source: string): string {
  const now = NOW[sql.dialect];
  const id = sql.name('id');
  const paused = `w.${sql.name('paused_until')}`;
  return `SELECT ${sql.names(DELIVERY, 'd')}, ${sql.names(EVENT, 'e')}, w.${sql.name('revision')}, w.${sql.name('enabled')},
      (w.${sql.name('failure_count')} > 0 OR ${paused} IS NOT NULL) AS failing,
      (${paused} > ${now}) AS resting, (${paused} <= ${now}) AS probing, ${now} AS now
    FROM ${source} AS d
      LEFT JOIN ${sql.table(WebhookEvent)} AS e ON e.${id} = d.${sql.name('event_id')}
      LEFT JOIN ${sql.table(Webhook)} AS w ON w.${id} = d.${sql.name('webhook_id')}`;
}

/** The webhooks of these rows by id. Only those that changed since they were last read are read. */
async function webhooksOf(
  dataSource: DataSource,
  cache: WebhookCache,
  rows: readonly Row[],
): Promise<WebhookCache> {
  const webhooks: WebhookCache = new Map();
  const changed = new Set<string>();
  for (const { webhook_id, revision } of rows) {
    const cached = cache.get(webhook_id);
    if (revision === null) cache.delete(webhook_id);
    else if (cached?.revision === revision) webhooks.set(webhook_id, cached);
    else changed.add(webhook_id);
  }
  if (changed.size === 0) return webhooks;
  // As it is now: neither a replica nor the cache of queries may answer with what was.
  const read = (manager: EntityManager) =>
    manager.getRepository(Webhook).find({ where: { id: In([...changed]) }, cache: false });
  for (const webhook of await onPrimary(dataSource, read)) {
    webhooks.set(webhook.id, webhook);
    cache.set(webhook.id, webhook);
  }
  for (const id of cache.keys()) {
    if (cache.size <= MAX_CACHED) break;
    cache.delete(id);
  }
  return webhooks;
}

/** `null` when the webhook was deleted after the row was read: who did that has cancelled the delivery. */
function toWork(row: Row, webhooks: WebhookCache, lock: DeliveryWork['lock']): DeliveryWork | null {
  const webhook = webhooks.get(row.webhook_id) ?? null;
  if (webhook === null && row.revision !== null) return null;
  return {
    id: row.id,
    webhookId: row.webhook_id,
    objectId: row.object_id,
    trigger: row.trigger,
    nextTrigger: row.next_trigger,
    attempts: row.attempts,
    made: row.made,
    madeBefore: row.made_before,
    lock,
    rendered: Boolean(row.rendered),
    body: row.body,
    hasDefaultBody: row.default_body_lock !== null,
    webhook,
    endpoint: {
      enabled: Boolean(row.enabled),
      failing: Boolean(row.failing),
      resting: Boolean(row.resting),
      probing: Boolean(row.probing),
    },
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
