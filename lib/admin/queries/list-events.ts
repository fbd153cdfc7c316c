import type { DataSource } from 'typeorm';
import type { WebhookEventName } from '../../common/events.js';
import { Sql } from '../../model/sql.js';
import { OF_TESTS, WebhookDelivery } from '../../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../../model/webhook-event.entity.js';
import type { DeliveryFilter } from '../../webhooks/delivery-filter.js';
import { equal, madeBetween } from './conditions.js';
import type { PageOf, PageRequest } from './page-of.js';
import { windowedSearch } from './windowed-search.js';

/** What events are searched by. */
export type EventFilter = Pick<
  DeliveryFilter,
  'model' | 'event' | 'objectId' | 'since' | 'until' | 'requestId' | 'username'
>;

/** An event in a list: without its data. */
export interface EventItem {
  readonly id: string;
  readonly sequence: string;
  readonly model: string;
  readonly event: WebhookEventName;
  readonly objectId: string;
  readonly occurredAt: Date;
  readonly username: string | null;
  readonly requestId: string | null;
  readonly changed: readonly string[];
  /** When its deliveries were made; `null` while it waits. */
  readonly dispatchedAt: Date | null;
  /** Made for a test send or a ping: nothing was changed. */
  readonly test: boolean;
}

const COLUMNS = [
  'id',
  'sequence',
  'model',
  'event',
  'object_id',
  'occurred_at',
  'username',
  'request_id',
  'changed',
  'dispatched_at',
] as const;

type Row = { id: string } & Record<(typeof COLUMNS)[number], string | number | null>;

/** Events that a filter selects, newest first. */
export async function listEvents(
  dataSource: DataSource,
  filter: EventFilter,
  page: PageRequest,
): Promise<PageOf<EventItem>> {
  const newSql = () => new Sql(dataSource);
  const { requestId, model, event, objectId, username } = filter;
  const isOfObject = model !== undefined && objectId !== undefined;
  const indexed = (sql: Sql) => [
    ...equal(sql, 'request_id', requestId),
    ...(isOfObject ? [...equal(sql, 'model', model), ...equal(sql, 'object_id', objectId)] : []),
    ...madeBetween(sql, 'occurred_at', filter),
  ];
  // Those indexes hold only what was dispatched; the few events that wait have one of their own.
  const states = isOfObject || requestId !== undefined ? ['IS NOT NULL', 'IS NULL'] : [undefined];
  const rest = (sql: Sql) => [
    ...(isOfObject ? [] : [...equal(sql, 'model', model, 'd.'), ...equal(sql, 'object_id', objectId, 'd.')]),
    ...equal(sql, 'event', event, 'd.'),
    ...equal(sql, 'username', username, 'd.'),
  ];
  const sql = newSql();
  const found = await windowedSearch<Row>(
    dataSource,
    newSql,
    {
      table: sql.table(WebhookEvent),
      columns: sql.names(COLUMNS),
      branches: states.map(
        (state) => (of: Sql) =>
          [...(state === undefined ? [] : [`${of.name('dispatched_at')} ${state}`]), ...indexed(of)].join(
            ' AND ',
          ),
      ),
      residual: (of) => rest(of).join(' AND '),
    },
    page,
  );
  const tests = await testsAmong(
    dataSource,
    found.items.map(({ id }) => id),
  );
  return { ...found, items: found.items.map((row) => toItem(row, tests)) };
}

/** Which of these events were made for a test send or a ping. */
async function testsAmong(dataSource: DataSource, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const sql = new Sql(dataSource);
  const eventId = sql.name('event_id');
  const rows = await dataSource.query<{ id: string }[]>(
    `SELECT DISTINCT ${eventId} AS ${sql.name('id')} FROM ${sql.table(WebhookDelivery)}
     WHERE ${eventId} ${sql.among(ids)} AND ${sql.name('trigger')} ${OF_TESTS}`,
    sql.parameters,
  );
  return new Set(rows.map(({ id }) => id));
}

function toItem(row: Row, tests: ReadonlySet<string>): EventItem {
  return {
    id: row.id,
    sequence: String(row.sequence),
    model: String(row.model),
    event: row.event as WebhookEventName,
    objectId: String(row.object_id),
    occurredAt: new Date(Number(row.occurred_at)),
    username: row.username as string | null,
    requestId: row.request_id as string | null,
    changed: JSON.parse(String(row.changed)) as string[],
    dispatchedAt: row.dispatched_at === null ? null : new Date(Number(row.dispatched_at)),
    test: tests.has(row.id),
  };
}
