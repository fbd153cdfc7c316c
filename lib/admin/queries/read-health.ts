import type { DataSource } from 'typeorm';
import { Sql } from '../../model/sql.js';
import { WebhookDelivery, type DeliveryStatus } from '../../model/webhook-delivery.entity.js';
import { firstIdAt } from './id-time.js';

/** What became of the deliveries of one hour. */
export interface HealthHour {
  readonly start: Date;
  readonly succeeded: number;
  readonly failed: number;
  /** Neither yet, or never to be sent. */
  readonly other: number;
}

/** How a webhook did in the last 24 hours. Test sends do not count. */
export interface WebhookHealth {
  /** 24, oldest first; the last is the running one. */
  readonly hours: readonly HealthHour[];
  readonly succeeded: number;
  readonly failed: number;
  /** Share of succeeded among succeeded and failed; `null` without either. */
  readonly rate: number | null;
  /** The last delivery with an error, and the error; `null` without one. */
  readonly lastError: { readonly deliveryId: string; readonly error: string } | null;
}

const HOUR = 3_600_000;
const HOURS = 24;
/** Deliveries counted at most; the newest. */
const COUNTED = 50_000;

interface Row {
  webhook_id: string;
  hour: string | number;
  status: DeliveryStatus;
  count: string | number;
  last: string | null;
}

/** Health by webhook id, of those with deliveries in the last 24 hours; of one webhook if it is named. */
export async function readHealth(
  dataSource: DataSource,
  webhookId?: string,
): Promise<ReadonlyMap<string, WebhookHealth>> {
  const first = Math.floor(Date.now() / HOUR) * HOUR - (HOURS - 1) * HOUR;
  const from = await countedFrom(dataSource, firstIdAt(new Date(first)), webhookId);
  const sql = new Sql(dataSource);
  const name = (column: string) => sql.name(column);
  // What is grouped is only told apart: without the rules of a language that is much cheaper.
  const plain = sql.dialect === 'postgres' ? ' COLLATE "C"' : '';
  const rows = await dataSource.query<Row[]>(
    `SELECT ${sql.names(['webhook_id', 'hour', 'status'])}, COUNT(*) AS ${name('count')}, MAX(${name('failing')}) AS ${name('last')}
     FROM (SELECT ${name('webhook_id')}${plain} AS ${name('webhook_id')}, ${name('status')}${plain} AS ${name('status')},
         ${name('created_at')} - ${name('created_at')} % ${HOUR} AS ${name('hour')},
         CASE WHEN ${name('error')} IS NOT NULL AND ${name('status')} IN ('failed', 'pending') THEN ${name('id')}${plain} END AS ${name('failing')}
       FROM ${sql.table(WebhookDelivery)}
       WHERE ${name('id')} >= ${sql.value(from)} AND ${name('trigger')} NOT IN ('test', 'ping')
       ${webhookId === undefined ? '' : `AND ${name('webhook_id')} = ${sql.value(webhookId)}`}) AS d
     GROUP BY ${sql.names(['hour', 'status', 'webhook_id'])}`,
    sql.parameters,
  );
  const errors = await readErrors(dataSource, rows);
  const ids = new Set(rows.map((row) => row.webhook_id));
  const of = (id: string) => rows.filter((row) => row.webhook_id === id);
  return new Map([...ids].map((id) => [id, toHealth(of(id), first, errors)]));
}

/** The lowest id that is counted: that of the first hour, or a later one where there are too many. */
async function countedFrom(
  dataSource: DataSource,
  firstId: string,
  webhookId: string | undefined,
): Promise<string> {
  if (webhookId !== undefined) return firstId;
  const sql = new Sql(dataSource);
  const [row] = await dataSource.query<{ id: string }[]>(
    `SELECT ${sql.name('id')} FROM ${sql.table(WebhookDelivery)} WHERE ${sql.name('id')} >= ${sql.value(firstId)}
     ORDER BY ${sql.name('id')} DESC LIMIT 1 OFFSET ${COUNTED}`,
    sql.parameters,
  );
  return row?.id ?? firstId;
}

/** Of a webhook without deliveries. */
export function noHealth(): WebhookHealth {
  return toHealth([], Math.floor(Date.now() / HOUR) * HOUR - (HOURS - 1) * HOUR, new Map());
}

async function readErrors(dataSource: DataSource, rows: readonly Row[]): Promise<Map<string, string>> {
  const ids = [...new Set(lastErrors(rows).values())];
  if (ids.length === 0) return new Map();
  const sql = new Sql(dataSource);
  const found = await dataSource.query<{ id: string; error: string }[]>(
    `SELECT ${sql.names(['id', 'error'])} FROM ${sql.table(WebhookDelivery)} WHERE ${sql.name('id')} ${sql.among(ids)}`,
    sql.parameters,
  );
  return new Map(found.map(({ id, error }) => [id, error]));
}

/** The id of each webhook's last delivery with an error. */
function lastErrors(rows: readonly Row[]): Map<string, string> {
  const last = new Map<string, string>();
  for (const row of rows) {
    if (row.last !== null && row.last > (last.get(row.webhook_id) ?? '')) last.set(row.webhook_id, row.last);
  }
  return last;
}

function toHealth(rows: readonly Row[], first: number, errors: ReadonlyMap<string, string>): WebhookHealth {
  const sum = (status: DeliveryStatus | undefined, start?: number) =>
    rows
      .filter(
        (row) => (start === undefined || Number(row.hour) === start) && (status ?? row.status) === row.status,
      )
      .reduce((total, { count }) => total + Number(count), 0);
  const hours = Array.from({ length: HOURS }, (_, index): HealthHour => {
    const start = first + index * HOUR;
    const [succeeded, failed] = [sum('succeeded', start), sum('failed', start)];
    return { start: new Date(start), succeeded, failed, other: sum(undefined, start) - succeeded - failed };
  });
  const [succeeded, failed] = [sum('succeeded'), sum('failed')];
  const deliveryId = [...lastErrors(rows).values()][0];
  const error = errors.get(deliveryId ?? '');
  return {
    hours,
    succeeded,
    failed,
    rate: succeeded + failed === 0 ? null : succeeded / (succeeded + failed),
    lastError: deliveryId === undefined || error === undefined ? null : { deliveryId, error },
  };
}
