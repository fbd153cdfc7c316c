import type { DataSource, EntityManager } from 'typeorm';
import { SKIP_LOCKED, STATEMENT_NOW } from '../model/dialect.js';
import { inIndexOrder } from '../model/read-committed.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { Webhook } from '../model/webhook.entity.js';
import type { QueuedDelivery } from './delivery.queue.js';
import { hasRoom, sharesOf, type DueWebhook, type Share } from './due-shares.js';
import { QUEUE_GRACE } from './queue-grace.js';
import { readWebhookPages, webhookPage, type PagedWebhook } from './webhook-pages.js';

/** What one look came to. */
export interface DueDeliveries {
  /** To be put into the queue: new ones before retries. */
  readonly deliveries: readonly QueuedDelivery[];
  /** Whether there may be more. */
  readonly more: boolean;
}

/** Deliveries of one webhook in one look, of new ones and of retries each. */
const MAX_PER_WEBHOOK = 250;
const MIN_PER_WEBHOOK = 10;
const RATE = ['rate_limit', 'rate_period', 'rate_next_at'] as const;

/**
 * Takes pending deliveries that nothing stands for any more: they are new, their retry is due, or their job or their
 * worker is lost. Every webhook has the same share, new deliveries go before retries, a resting endpoint gets one
 * delivery as a probe once its rest is over, one with a rate limit no more than there is room for now, and disabled ones
 * get none.
 *
 * @param limit - deliveries at most
 * @param except - webhooks of which more would only wait
 */
export function takeDueDeliveries(
  dataSource: DataSource,
  limit: number,
  except: readonly string[],
): Promise<DueDeliveries> {
  return inIndexOrder(dataSource, (manager) => take(manager, limit, except));
}

async function take(
  manager: EntityManager,
  limit: number,
  except: readonly string[],
): Promise<DueDeliveries> {
  const webhooks = (await dueWebhooks(manager, except)).filter(hasRoom);
  if (webhooks.length === 0) return { deliveries: [], more: false };
  const fair = Math.ceil(limit / webhooks.length);
  const each = Math.max(MIN_PER_WEBHOOK, Math.min(MAX_PER_WEBHOOK, fair));
  const chosen = shuffle(webhooks).slice(0, Math.ceil(limit / Math.min(each, limit)));
  const shares = chosen.flatMap((webhook) => sharesOf(webhook, each));
  const rows =
    manager.dataSource.options.type === 'postgres'
      ? await takeAtOnce(manager, shares)
      : await takeOneByOne(manager, shares);
  const deliveries = rows
    .toSorted((a, b) => Number(a.retry) - Number(b.retry))
    .map(({ id, webhook_id }) => ({ id, webhookId: webhook_id }));
  const isUsedUp = ({ webhookId, retry, limit: most }: Share) =>
    rows.filter((row) => row.webhook_id === webhookId && Boolean(row.retry) === retry).length >= most;
  const more = chosen.length < webhooks.length || shares.some((share) => share.goesOn && isUsedUp(share));
  return { deliveries, more };
}

interface PendingWebhook extends PagedWebhook, DueWebhook {
  /** Whether something can be taken. */
  readonly due: boolean | number;
}

/**
 * One probe of an index for each webhook of which something is pending: what waits for its time or for a resting
 * endpoint costs no more, however many there are, and webhooks without deliveries cost nothing.
 */
async function dueWebhooks(manager: EntityManager, except: readonly string[]): Promise<DueWebhook[]> {
  const pending = await readWebhookPages((after) => readPendingWebhooks(manager, except, after));
  return pending.filter(({ due }) => Boolean(due));
}

async function readPendingWebhooks(
  manager: EntityManager,
  except: readonly string[],
  after: string | undefined,
): Promise<PendingWebhook[]> {
  const sql = new Sql(manager.dataSource);
  const now = STATEMENT_NOW[sql.dialect];
  const paused = `w.${sql.name('paused_until')}`;
  const deliveries = sql.table(WebhookDelivery);
  const page = webhookPage(sql, after, `p.${sql.name('status')} = 'pending'`);
  const others = except.length === 0 ? '' : `AND NOT (w.${sql.name('id')} ${sql.among(except)})`;
  // Not EXISTS, for which PostgreSQL may read every pending delivery into a hash table.
  const due = (retry: string) => `(SELECT d.${sql.name('queue_at')} FROM ${deliveries} AS d
    WHERE d.${sql.name('webhook_id')} = w.${sql.name('id')} AND ${isDue(sql, retry)}
    ORDER BY d.${sql.name('queue_at')} LIMIT 1)`;
  return manager.query<PendingWebhook[]>(
    `WITH RECURSIVE ${page}
     SELECT page.id AS id, page.nth AS nth, ${paused} IS NOT NULL AS resting, ${sql.names(RATE, 'w')}, ${now} AS now,
       ${due('false')} IS NOT NULL AS fresh, ${due('true')} IS NOT NULL AS retries, w.${sql.name('id')} IS NOT NULL AS due
     FROM page LEFT JOIN ${sql.table(Webhook)} AS w ON w.${sql.name('id')} = page.id
       AND w.${sql.name('enabled')} = true AND (${paused} IS NULL OR ${paused} <= ${now}) ${others}
       AND COALESCE(${due('false')}, ${due('true')}) IS NOT NULL
     WHERE page.id IS NOT NULL`,
    sql.parameters,
  );
}

interface Row {
  id: string;
  webhook_id: string;
  retry: boolean | number;
}

function isDue(sql: Sql, retry: string): string {
  const now = STATEMENT_NOW[sql.dialect];
  const locked = `d.${sql.name('locked_until')}`;
  return `d.${sql.name('status')} = 'pending' AND d.${sql.name('retry')} = ${retry}
    AND d.${sql.name('queue_at')} <= ${now} AND (${locked} IS NULL OR ${locked} <= ${now})`;
}

async function takeAtOnce(manager: EntityManager, shares: readonly Share[]): Promise<Row[]> {
  const sql = new Sql(manager.dataSource);
  const table = sql.table(WebhookDelivery);
  const source = sql.rows(
    's',
    { webhook_id: 'text', retry: 'boolean', share: 'int' },
    shares.map(({ webhookId, retry, limit }) => [webhookId, retry, limit]),
  );
  // A list, not a join: expecting as many rows as there are shares to be had, PostgreSQL would read the whole table.
  const [rows] = await manager.query<[Row[], number]>(
    `WITH due AS MATERIALIZED (
       SELECT t.* FROM ${source} CROSS JOIN LATERAL (
         SELECT d."id" FROM ${table} AS d WHERE d."webhook_id" = s."webhook_id" AND ${isDue(sql, 's."retry"')}
         ORDER BY d."queue_at" LIMIT s."share" FOR UPDATE SKIP LOCKED) AS t)
     UPDATE ${table} AS d SET "queue_at" = ${STATEMENT_NOW.postgres} + ${QUEUE_GRACE} WHERE d."id" = ANY (ARRAY(SELECT "id" FROM due))
     RETURNING d."id", d."webhook_id", d."retry"`,
    sql.parameters,
  );
  return rows;
}

async function takeOneByOne(manager: EntityManager, shares: readonly Share[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { webhookId, retry, limit } of shares) {
    const sql = new Sql(manager.dataSource);
    rows.push(
      ...(await manager.query<Row[]>(
        `SELECT d.${sql.name('id')} AS id, d.${sql.name('webhook_id')} AS webhook_id, d.${sql.name('retry')} AS retry
         FROM ${sql.table(WebhookDelivery)} AS d
         WHERE d.${sql.name('webhook_id')} = ${sql.value(webhookId)} AND ${isDue(sql, String(retry))}
         ORDER BY d.${sql.name('queue_at')} LIMIT ${limit} ${SKIP_LOCKED[sql.dialect]}`,
        sql.parameters,
      )),
    );
  }
  if (rows.length === 0) return rows;
  const update = new Sql(manager.dataSource);
  await manager.query(
    `UPDATE ${update.table(WebhookDelivery)} SET ${update.name('queue_at')} = ${STATEMENT_NOW[update.dialect]} + ${QUEUE_GRACE}
     WHERE ${update.name('id')} ${update.among(rows.map(({ id }) => id))}`,
    update.parameters,
  );
  return rows;
}

/** So that no webhook is always last when there are more of them than fit. */
function shuffle<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
