import 'reflect-metadata';
import { DataSource } from 'typeorm';
import type { DeliveryFilter } from '../lib/webhooks/delivery-filter.js';
import { listDeliveries } from '../lib/admin/queries/list-deliveries.js';
import { listEvents } from '../lib/admin/queries/list-events.js';
import { readHealth } from '../lib/admin/queries/read-health.js';
import { readLatency } from '../lib/admin/queries/read-latency.js';
import { readQueue } from '../lib/admin/queries/read-queue.js';
import { WEBHOOKS_MIGRATIONS } from '../lib/model/migrations/webhooks-migrations.js';
import { WebhookDelivery } from '../lib/model/webhook-delivery.entity.js';
import { WEBHOOKS_ENTITIES } from '../lib/model/webhooks-entities.js';
import { startEmbeddedPostgres } from '../sample-app/services/embedded-postgres.js';
import { median } from './median.js';

const DELIVERIES = 1_000_000;
const EVENTS = 500_000;
/** The last deliveries, most of which are of one webhook. */
const BUSY = 30_000;
const ROUNDS = 5;
const DAY = 86_400_000;
const PAGE = { limit: 50 };
/** Milliseconds that a list may take. */
const LIMIT = 100;

/** What one list of the admin page costs with a million deliveries. */
export interface ListFigures {
  readonly list: string;
  /** The median of five rounds. */
  readonly milliseconds: number;
  /** Names of the indexes that the plans of its statements use. */
  readonly indexes: readonly string[];
  /** Large tables that a plan reads from end to end; empty is right. */
  readonly scans: readonly string[];
}

/**
 * Measures every list with 1,000,000 deliveries of 30 days on PostgreSQL. `DATABASE_URL`: a database of its own to use,
 * empty or filled by an earlier run of the same day.
 */
export async function run(): Promise<ListFigures[]> {
  const given = process.env['DATABASE_URL'];
  const server = given === undefined ? await startEmbeddedPostgres() : undefined;
  const dataSource = await new DataSource({
    type: 'postgres',
    url: given ?? server?.url ?? '',
    entities: [...WEBHOOKS_ENTITIES],
    migrations: [...WEBHOOKS_MIGRATIONS],
  }).initialize();
  try {
    await dataSource.runMigrations();
    await fill(dataSource);
    const figures: ListFigures[] = [];
    for (const [list, read] of lists(dataSource)) {
      const figure = await measure(dataSource, list, read);
      figures.push(figure);
      print(figure);
    }
    const slowest = Math.max(...figures.map(({ milliseconds }) => milliseconds));
    console.log(
      `admin lists: the slowest of ${figures.length} takes ${slowest.toFixed(1)} ms; limit of ${LIMIT} ms ${verdict(slowest)}`,
    );
    return figures;
  } finally {
    await dataSource.destroy();
    await server?.close();
  }
}

function print({ list, milliseconds, indexes, scans }: ListFigures): void {
  const plan = scans.length === 0 ? `index: ${indexes.join(', ')}` : `READS ALL OF ${scans.join(', ')}`;
  console.log(`admin lists, ${list}: ${milliseconds.toFixed(1)} ms, limit ${verdict(milliseconds)}; ${plan}`);
}

function verdict(milliseconds: number): string {
  return milliseconds < LIMIT ? 'kept' : 'EXCEEDED';
}

function lists(dataSource: DataSource): [string, () => Promise<unknown>][] {
  const deliveries = (filter: DeliveryFilter, cursor?: string) => () =>
    listDeliveries(dataSource, filter, { ...PAGE, ...(cursor === undefined ? {} : { cursor }) });
  const events = (filter: DeliveryFilter) => () => listEvents(dataSource, filter, PAGE);
  const middle = `${Math.floor(at(15).getTime())
    .toString(16)
    .padStart(12, '0')
    .replace(/^(.{8})/, '$1-')}-7000-8000-000000000000`;
  return [
    ['deliveries', deliveries({})],
    ['deliveries, a page in the middle', deliveries({}, middle)],
    ['deliveries, failed', deliveries({ status: 'failed' })],
    ['deliveries, held or cancelled', deliveries({ status: ['held', 'cancelled'] })],
    ['deliveries of a webhook', deliveries({ webhookId: webhookId(7) })],
    ['deliveries of a rare webhook', deliveries({ webhookId: webhookId(50) })],
    ['deliveries of a webhook, failed', deliveries({ webhookId: webhookId(7), status: 'failed' })],
    ['deliveries of a model', deliveries({ model: 'model3' })],
    ['deliveries of a model that is not there', deliveries({ model: 'none' })],
    ['deliveries, deletes', deliveries({ event: 'delete' })],
    ['deliveries of an object', deliveries({ model: 'model3', objectId: '4003' })],
    ['deliveries of an id alone', deliveries({ objectId: '4003' })],
    ['deliveries of a request', deliveries({ requestId: 'request-77' })],
    ['deliveries of a user', deliveries({ username: 'user5' })],
    ['deliveries of a user that is not there', deliveries({ username: 'nobody' })],
    ['deliveries of a day', deliveries({ since: at(12), until: at(11) })],
    [
      'deliveries of a day, failed, of a model',
      deliveries({ since: at(12), until: at(11), status: 'failed', model: 'model3' }),
    ],
    ['events', events({})],
    ['events of a model', events({ model: 'model3' })],
    ['events of an object', events({ model: 'model3', objectId: '4003' })],
    ['events of a request', events({ requestId: 'request-77' })],
    ['events of a user that is not there', events({ username: 'nobody' })],
    ['webhook: the last 24 hours', () => readHealth(dataSource, webhookId(7))],
    ['webhook, busy: the last 24 hours', () => readHealth(dataSource, webhookId(51))],
    ['webhook: its last attempts', () => readLatency(dataSource, webhookId(7))],
    ['queue', () => readQueue(dataSource)],
  ];
}

async function measure(
  dataSource: DataSource,
  list: string,
  read: () => Promise<unknown>,
): Promise<ListFigures> {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const began = performance.now();
    await read();
    // The first one only warms up.
    if (round > 0) times.push(performance.now() - began);
  }
  const statements: [string, unknown[] | undefined][] = [];
  const query = dataSource.query.bind(dataSource);
  dataSource.query = ((text: string, parameters?: unknown[]) => {
    statements.push([text, parameters]);
    return query(text, parameters);
  }) as typeof dataSource.query;
  await read();
  dataSource.query = query;
  const indexes = new Set<string>();
  const scans = new Set<string>();
  for (const [text, parameters] of statements) {
    const [row] = await query<{ 'QUERY PLAN': unknown }[]>(`EXPLAIN (FORMAT JSON) ${text}`, parameters);
    const plan = JSON.stringify(row?.['QUERY PLAN']);
    for (const [, name] of plan.matchAll(/"Index Name":"([^"]+)"/g)) indexes.add(name ?? '');
    for (const [, name] of plan.matchAll(
      /"Seq Scan"[^{}]*?"Relation Name":"(webhook_delivery|webhook_event)"/g,
    ))
      scans.add(name ?? '');
  }
  return { list, milliseconds: median(times), indexes: [...indexes], scans: [...scans] };
}

function webhookId(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

/** 30 days of deliveries to 51 webhooks, one of them busy: nearly all delivered, some failed, a few waiting. */
async function fill(dataSource: DataSource): Promise<void> {
  if ((await dataSource.getRepository(WebhookDelivery).count()) > 0) return;
  const start = Date.now() - 30 * DAY;
  const time = (count: number) => `(${start} + n * ${30 * DAY}::bigint / ${count})`;
  const id = (count: number) =>
    `overlay(lpad(to_hex(${time(count)}), 12, '0') placing '-' from 9 for 0) || '-7000-8000-' || lpad(to_hex(n), 12, '0')`;
  await dataSource.query(
    `INSERT INTO webhook_event (id, model, event, object_id, occurred_at, username, request_id, data, postchange, changed, dispatched_at)
     SELECT ${id(EVENTS)}, 'model' || n % 10, (ARRAY['create','update','update','update','delete'])[1 + n % 5], (n % 5000)::text,
       ${time(EVENTS)}, 'user' || n % 40, 'request-' || n / 3, '{"id":1,"name":"x"}', '{"id":1}', '["name"]', ${time(EVENTS)}
     FROM generate_series(1, ${EVENTS}) AS n`,
  );
  await dataSource.query(
    `INSERT INTO webhook_delivery (id, webhook_id, event_id, sequence, model, event, object_id, trigger, status, attempts, rendered, body, created_at, error, finished_at)
     SELECT ${id(DELIVERIES)}, '00000000-0000-7000-8000-' || lpad((CASE WHEN n % 100000 = 0 THEN 50 WHEN n > ${DELIVERIES} - ${BUSY} AND n % 4 > 0 THEN 51 ELSE n % 49 END)::text, 12, '0'),
       e.id, e.sequence, e.model, e.event, e.object_id, 'event',
       CASE WHEN n > ${DELIVERIES} - 300 THEN 'pending' WHEN n % 50 = 0 THEN 'failed' WHEN n % 997 = 0 THEN 'held' WHEN n % 991 = 0 THEN 'cancelled' ELSE 'succeeded' END,
       1, true, '{"event":"update","data":{"id":1,"name":"x"}}', ${time(DELIVERIES)},
       CASE WHEN n % 50 = 0 THEN 'The endpoint answered 500; only 2xx counts as delivered.' END,
       CASE WHEN n > ${DELIVERIES} - 300 THEN NULL ELSE ${time(DELIVERIES)} + 100 END
     FROM generate_series(1, ${DELIVERIES}) AS n JOIN webhook_event e ON e.sequence = (n + 1) / 2`,
  );
  await dataSource.query('ANALYZE');
}

function at(daysAgo: number): Date {
  return new Date(Date.now() - daysAgo * DAY);
}
