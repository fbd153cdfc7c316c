import type { DataSource } from 'typeorm';
import { Sql } from '../../model/sql.js';
import {
  DELIVERY_STATUSES,
  WebhookDelivery,
  type DeliveryStatus,
  type DeliveryTrigger,
} from '../../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../../model/webhook-event.entity.js';
import type { WebhookEventName } from '../../common/events.js';
import type { DeliveryFilter } from '../../webhooks/delivery-filter.js';
import { equal, madeBetween } from './conditions.js';
import type { PageOf, PageRequest } from './page-of.js';
import { windowedSearch, type Search } from './windowed-search.js';

/** A delivery in a list. */
export interface DeliveryItem {
  readonly id: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly model: string;
  readonly event: WebhookEventName;
  readonly objectId: string;
  readonly trigger: DeliveryTrigger;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly statusCode: number | null;
  /** Why it is not delivered. */
  readonly error: string | null;
  readonly nextAttemptAt: Date | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** Events of one object or request whose deliveries are looked up by the events' ids: twice what a statement may make. */
const EVENTS = 10_000;
/** Deliveries that one event is shown with. */
const OF_ONE_EVENT = 2_000;

const COLUMNS = [
  'id',
  'webhook_id',
  'event_id',
  'model',
  'event',
  'object_id',
  'trigger',
  'status',
  'attempts',
  'status_code',
  'error',
  'next_attempt_at',
  'created_at',
  'finished_at',
] as const;

type Row = { id: string } & Record<(typeof COLUMNS)[number], string | number | null>;

/** Deliveries that a filter selects, newest first. */
export async function listDeliveries(
  dataSource: DataSource,
  filter: DeliveryFilter,
  page: PageRequest,
): Promise<PageOf<DeliveryItem>> {
  const newSql = () => new Sql(dataSource);
  const eventIds = await eventsOf(dataSource, filter);
  if (eventIds?.length === 0) return { items: [], next: null, searchedTo: null };
  const found = await windowedSearch<Row>(dataSource, newSql, searchFor(newSql(), filter, eventIds), page);
  return { ...found, items: found.items.map(toItem) };
}

/** The deliveries of one event, newest first. */
export async function deliveriesOfEvent(dataSource: DataSource, eventId: string): Promise<DeliveryItem[]> {
  const sql = new Sql(dataSource);
  const rows = await dataSource.query<Row[]>(
    `SELECT ${sql.names(COLUMNS)} FROM ${sql.table(WebhookDelivery)} WHERE ${sql.name('event_id')} = ${sql.value(eventId)}
     ORDER BY ${sql.name('id')} DESC LIMIT ${OF_ONE_EVENT}`,
    sql.parameters,
  );
  return rows.map(toItem);
}

function searchFor(sql: Sql, filter: DeliveryFilter, eventIds: readonly string[] | undefined): Search {
  const { webhookId, model, event, objectId, username } = filter;
  const statuses = filter.status === undefined ? undefined : [filter.status].flat();
  const common = (of: Sql) => madeBetween(of, 'created_at', filter);
  const table = sql.table(WebhookDelivery);
  const columns = sql.names(COLUMNS);
  const isFar = username !== undefined;
  const byUser = (of: Sql) =>
    username === undefined
      ? []
      : [
          `(SELECT e.${of.name('username')} FROM ${of.table(WebhookEvent)} AS e WHERE e.${of.name('id')} = d.${of.name('event_id')}) = ${of.value(username)}`,
        ];
  if (eventIds !== undefined) {
    const all = (of: Sql) =>
      [
        `${of.name('event_id')} ${of.among(eventIds)}`,
        ...equal(of, 'webhook_id', webhookId),
        ...equal(of, 'model', model),
        ...equal(of, 'event', event),
        ...equal(of, 'object_id', objectId),
        ...(statuses === undefined ? [] : [`${of.name('status')} ${of.among(statuses)}`]),
        ...common(of),
      ].join(' AND ');
    return { table, columns, branches: [all], residual: (of) => byUser(of).join(''), isFar };
  }
  // With the webhook in front, the index holds ids in order within each status.
  const kinds: readonly (DeliveryStatus | undefined)[] =
    statuses ?? (webhookId === undefined ? [undefined] : DELIVERY_STATUSES);
  const branches = kinds.map(
    (status) => (of: Sql) =>
      [...equal(of, 'webhook_id', webhookId), ...equal(of, 'status', status), ...common(of)].join(' AND '),
  );
  const residual = (of: Sql) =>
    [
      ...equal(of, 'model', model, 'd.'),
      ...equal(of, 'event', event, 'd.'),
      ...equal(of, 'object_id', objectId, 'd.'),
      ...byUser(of),
    ].join(' AND ');
  return { table, columns, branches, residual, isFar };
}

/** The events of the filter's request or object, which indexes know; `undefined` when it names neither. */
async function eventsOf(
  dataSource: DataSource,
  { requestId, model, objectId }: DeliveryFilter,
): Promise<readonly string[] | undefined> {
  if (requestId === undefined && (model === undefined || objectId === undefined)) return undefined;
  const sql = new Sql(dataSource);
  // Others have no deliveries, and are not in the indexes.
  const conditions = [
    `${sql.name('dispatched_at')} IS NOT NULL`,
    ...equal(sql, 'request_id', requestId),
    ...equal(sql, 'model', model),
    ...equal(sql, 'object_id', objectId),
  ];
  const rows = await dataSource.query<{ id: string }[]>(
    `SELECT ${sql.name('id')} FROM ${sql.table(WebhookEvent)} WHERE ${conditions.join(' AND ')}
     ORDER BY ${sql.name('sequence')} DESC LIMIT ${EVENTS}`,
    sql.parameters,
  );
  return rows.map(({ id }) => id);
}

function toItem(row: Row): DeliveryItem {
  return {
    id: row.id,
    webhookId: String(row.webhook_id),
    eventId: String(row.event_id),
    model: String(row.model),
    event: row.event as WebhookEventName,
    objectId: String(row.object_id),
    trigger: row.trigger as DeliveryTrigger,
    status: row.status as DeliveryStatus,
    attempts: Number(row.attempts),
    statusCode: row.status_code as number | null,
    error: row.error as string | null,
    nextAttemptAt: time(row.next_attempt_at),
    createdAt: new Date(Number(row.created_at)),
    finishedAt: time(row.finished_at),
  };
}

function time(value: string | number | null): Date | null {
  return value === null ? null : new Date(Number(value));
}
