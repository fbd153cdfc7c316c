import type { EntityManager } from 'typeorm';
import { chunks } from '../common/chunks.js';
import { newId } from '../common/new-id.js';
import { NOW } from '../model/dialect.js';
import { Sql, type ColumnType } from '../model/sql.js';
import type { QueuedDelivery } from './delivery.queue.js';
import { lockWebhooks } from './lock-webhooks.js';
import { QUEUE_GRACE } from './queue-grace.js';
import {
  WebhookDelivery,
  type DeliveryStatus,
  type DeliveryTrigger,
} from '../model/webhook-delivery.entity.js';

/** A delivery to be made. */
export interface NewDelivery {
  readonly webhookId: string;
  readonly eventId: string;
  readonly sequence: string;
  readonly model: string;
  readonly event: string;
  readonly objectId: string;
  readonly trigger: DeliveryTrigger;
  /** `held` becomes `pending` where the webhook turns out to be enabled. */
  readonly status: DeliveryStatus;
  /** Why it is not sent, if it is not. */
  readonly error: string | null;
  /** Milliseconds until the first attempt. */
  readonly delay: number;
  /** The body, fixed in advance; left out, it is rendered. */
  readonly body?: string | null;
}

/** A delivery that was made. */
export interface InsertedDelivery extends QueuedDelivery {
  /** Whether it can be sent at once. */
  readonly isReady: boolean;
}

/** As many as SQLite joins in one SELECT. */
const ROWS_PER_STATEMENT = 500;

const COLUMNS: Readonly<Record<string, ColumnType>> = {
  id: 'text',
  webhook_id: 'text',
  event_id: 'text',
  sequence: 'bigint',
  model: 'text',
  event: 'text',
  object_id: 'text',
  trigger: 'text',
  status: 'text',
  error: 'text',
  body: 'text',
  rendered: 'boolean',
};

/**
 * Inserts deliveries in the caller's transaction.
 *
 * @param queued - webhooks whose deliveries the caller puts into the queue after its commit, as far as they can be sent
 * at once; of the others the feeder does
 * @returns each in its order
 */
export async function insertDeliveries(
  manager: EntityManager,
  deliveries: readonly NewDelivery[],
  queued: ReadonlySet<string> = new Set(),
): Promise<InsertedDelivery[]> {
  const settled = await heldOfDisabled(manager, deliveries);
  const rows = settled.map((delivery) => ({ id: newId(), delivery }));
  for (const chunk of chunks(rows, ROWS_PER_STATEMENT)) await insertChunk(manager, chunk, queued);
  return rows.map(({ id, delivery: { webhookId, status, delay } }) => ({
    id,
    webhookId,
    isReady: status === 'pending' && delay === 0,
  }));
}

/**
 * Enabling a webhook releases what is held by then. So nothing is held that the caller saw disabled a while ago, and who
 * enables a webhook waits for what is being held.
 */
async function heldOfDisabled(
  manager: EntityManager,
  deliveries: readonly NewDelivery[],
): Promise<readonly NewDelivery[]> {
  const held = deliveries.filter(({ status }) => status === 'held').map(({ webhookId }) => webhookId);
  if (held.length === 0) return deliveries;
  const disabled = await lockWebhooks(manager, [...new Set(held)], false);
  return deliveries.map((delivery) =>
    delivery.status === 'held' && !disabled.has(delivery.webhookId)
      ? { ...delivery, status: 'pending' }
      : delivery,
  );
}

async function insertChunk(
  manager: EntityManager,
  rows: readonly { id: string; delivery: NewDelivery }[],
  queued: ReadonlySet<string>,
): Promise<void> {
  const sql = new Sql(manager.dataSource);
  const now = NOW[sql.dialect];
  const source = sql.rows(
    'v',
    { ...COLUMNS, delay: 'bigint', grace: 'bigint' },
    rows.map(({ id, delivery }) => [
      id,
      delivery.webhookId,
      delivery.eventId,
      delivery.sequence,
      delivery.model,
      delivery.event,
      delivery.objectId,
      delivery.trigger,
      delivery.status,
      delivery.error,
      delivery.body ?? null,
      delivery.body !== undefined,
      delivery.delay,
      delivery.delay === 0 && queued.has(delivery.webhookId) ? QUEUE_GRACE : 0,
    ]),
  );
  const delay = `v.${sql.name('delay')}`;
  const whenPending = (value: string, otherwise: string) =>
    `CASE WHEN v.${sql.name('status')} = 'pending' THEN ${value} ELSE ${otherwise} END`;
  const names = Object.keys(COLUMNS);
  await manager.query(
    `INSERT INTO ${sql.table(WebhookDelivery)}
       (${sql.names([...names, 'created_at', 'next_attempt_at', 'queue_at', 'finished_at'])})
     SELECT ${sql.names(names, 'v')}, ${now},
       ${whenPending(`${now} + ${delay}`, 'NULL')},
       ${whenPending(`${now} + ${delay} + v.${sql.name('grace')}`, 'NULL')},
       CASE WHEN v.${sql.name('status')} IN ('pending', 'held') THEN NULL ELSE ${now} END
     FROM ${source}`,
    sql.parameters,
  );
}
