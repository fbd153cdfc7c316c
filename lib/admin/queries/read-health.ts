import type { DataSource } from 'typeorm';
import { Sql } from '../../model/sql.js';
import {
  DELIVERY_STATUSES,
  OF_TESTS,
  WebhookDelivery,
  type DeliveryStatus,
} from '../../model/webhook-delivery.entity.js';
import { firstIdAt, timeOfId } from '../../common/id-time.js';

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
  /** Where there are too many deliveries: from when on they are counted. `null` where all are. */
  readonly since: Date | null;
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
/** Deliveries of one status that are counted at most; the newest. */
const COUNTED = 2_000;

interface Row {
  hour: string | number;
  status: DeliveryStatus;
  count: string | number;
  last: string | null;
}

/** The last 24 hours of a webhook, at a bounded cost. */
export async function readHealth(dataSource: DataSource, webhookId: string): Promise<WebhookHealth> {
  const first = Math.floor(Date.now() / HOUR) * HOUR - (HOURS - 1) * HOUR;
  const full = await fullFrom(dataSource, webhookId, firstIdAt(new Date(first)));
  const rows = await countFrom(dataSource, webhookId, full ?? firstIdAt(new Date(first)));
  const deliveryId = rows.reduce<string | null>(
    (last, row) => (row.last !== null && row.last > (last ?? '') ? row.last : last),
    null,
  );
  const error =
    deliveryId === null
      ? null
      : await dataSource.getRepository(WebhookDelivery).findOne({
          where: { id: deliveryId },
          select: { id: true, error: true },
        });
  return {
    ...sumUp(rows, first),
    since: full === null ? null : timeOfId(full),
    lastError: error === null ? null : { deliveryId: error.id, error: error.error ?? '' },
  };
}

/** The lowest id that is counted where there are too many of a status; `null` where all are. */
async function fullFrom(dataSource: DataSource, webhookId: string, firstId: string): Promise<string | null> {
  const sql = new Sql(dataSource);
  const id = sql.name('id');
  const branches = DELIVERY_STATUSES.map(
    (status) => `SELECT * FROM (SELECT ${id} FROM ${sql.table(WebhookDelivery)}
      WHERE ${sql.name('webhook_id')} = ${sql.value(webhookId)} AND ${sql.name('status')} = '${status}' AND ${id} >= ${sql.value(firstId)}
      ORDER BY ${id} DESC LIMIT 1 OFFSET ${COUNTED}) AS of_status`,
  );
  const [row] = await dataSource.query<{ last: string | null }[]>(
    `SELECT MAX(${id}) AS ${sql.name('last')} FROM (${branches.join(' UNION ALL ')}) AS d`,
    sql.parameters,
  );
  return row?.last ?? null;
}

/** Counts by hour and status, with the last delivery of each that has an error. */
async function countFrom(dataSource: DataSource, webhookId: string, firstId: string): Promise<Row[]> {
  const sql = new Sql(dataSource);
  const name = (column: string) => sql.name(column);
  return dataSource.query<Row[]>(
    `SELECT ${sql.names(['hour', 'status'])}, COUNT(*) AS ${name('count')}, MAX(${name('failing')}) AS ${name('last')}
     FROM (SELECT ${name('status')}, ${name('created_at')} - ${name('created_at')} % ${HOUR} AS ${name('hour')},
         CASE WHEN ${name('error')} IS NOT NULL AND ${name('status')} IN ('failed', 'pending') THEN ${name('id')} END AS ${name('failing')}
       FROM ${sql.table(WebhookDelivery)}
       WHERE ${name('webhook_id')} = ${sql.value(webhookId)} AND ${name('status')} ${sql.among(DELIVERY_STATUSES)}
         AND ${name('id')} >= ${sql.value(firstId)} AND ${name('trigger')} NOT ${OF_TESTS}) AS d
     GROUP BY ${sql.names(['hour', 'status'])}`,
    sql.parameters,
  );
}

function sumUp(rows: readonly Row[], first: number): Omit<WebhookHealth, 'since' | 'lastError'> {
  const sum = (status?: DeliveryStatus, start?: number) =>
    rows
      .filter((row) => (start ?? Number(row.hour)) === Number(row.hour))
      .filter((row) => (status ?? row.status) === row.status)
      .reduce((total, { count }) => total + Number(count), 0);
  const hours = Array.from({ length: HOURS }, (_, index): HealthHour => {
    const start = first + index * HOUR;
    const [succeeded, failed] = [sum('succeeded', start), sum('failed', start)];
    return { start: new Date(start), succeeded, failed, other: sum(undefined, start) - succeeded - failed };
  });
  const [succeeded, failed] = [sum('succeeded'), sum('failed')];
  const rate = succeeded + failed === 0 ? null : succeeded / (succeeded + failed);
  return { hours, succeeded, failed, rate };
}
