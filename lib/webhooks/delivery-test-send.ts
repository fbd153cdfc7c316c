import type { DataSource } from 'typeorm';
import type { WebhookEventName } from '../common/events.js';
import { newId } from '../common/new-id.js';
import { fromJsonText, toJsonText } from '../common/json-text.js';
import type { DeliveryService } from '../delivery/delivery.service.js';
import { insertDeliveries } from '../delivery/insert-deliveries.js';
import { NOW, requireDialect } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { WebhookAttempt } from '../model/webhook-attempt.entity.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import type { Webhook } from '../model/webhook.entity.js';
import { DeliveryImpossibleError } from './delivery-impossible.error.js';
import { latestEvent } from './latest-event.js';

/** What the templates of a test send see. */
export interface TestSubject {
  readonly event: WebhookEventName;
  readonly model: string;
  /** The primary key as text; of several columns, as a JSON list. */
  readonly objectId: string;
  /** Who made the change; `null` where nobody is known. */
  readonly username: string | null;
  /** In which request; `null` outside of one. */
  readonly requestId: string | null;
  /** The object, as an event of it has it: a value, not its JSON text. */
  readonly data: unknown;
  /** The snapshot before; `null` for a create. */
  readonly prechange: unknown;
  /** The snapshot after; `null` for a delete. */
  readonly postchange: unknown;
  /** Names of the changed properties. */
  readonly changed: readonly string[];
}

/** Makes an event for one delivery, sends that in this process, and shows the attempt. */
export async function sendAndShow(
  dataSource: DataSource,
  sender: DeliveryService,
  webhook: Webhook,
  trigger: 'test' | 'ping',
  given: Partial<TestSubject> = {},
): Promise<WebhookAttempt> {
  // Of a ping only the body is fixed: its address and headers may be made of the data.
  const event = await insertEvent(dataSource, await subjectOf(dataSource, webhook, given));
  const body = trigger === 'ping' ? pingBody(webhook, event.occurredAt) : undefined;
  const [inserted] = await insertDeliveries(
    dataSource.manager,
    [
      {
        webhookId: webhook.id,
        eventId: event.id,
        sequence: event.sequence,
        model: event.model,
        event: event.event,
        objectId: event.objectId,
        trigger,
        status: 'pending',
        error: null,
        delay: 0,
        ...(body === undefined ? {} : { body }),
      },
    ],
    new Set([webhook.id]),
  );
  const deliveryId = inserted?.id ?? '';
  await sender.deliver(deliveryId);
  const attempt = await dataSource.getRepository(WebhookAttempt).findOneBy({ deliveryId });
  if (attempt !== null) return attempt;
  throw new DeliveryImpossibleError(
    `The test of webhook "${webhook.name}" was not sent: it was deleted meanwhile, or this process is stopping.`,
  );
}

async function subjectOf(
  dataSource: DataSource,
  webhook: Webhook,
  given: Partial<TestSubject>,
): Promise<TestSubject> {
  const latest = await latestEvent(dataSource, {
    models: given.model === undefined ? webhook.models : [given.model],
    events: given.event === undefined ? webhook.events : [given.event],
  });
  const example = latest === null ? madeUp(webhook) : subjectFrom(latest);
  return { ...example, ...given };
}

/** An event as the subject of a test send. */
export function subjectFrom(event: WebhookEvent): TestSubject {
  return {
    event: event.event,
    model: event.model,
    objectId: event.objectId,
    username: event.username,
    requestId: event.requestId,
    data: fromJsonText(event.data),
    prechange: fromJsonText(event.prechange),
    postchange: fromJsonText(event.postchange),
    changed: event.changed,
  };
}

function madeUp(webhook: Webhook): TestSubject {
  return {
    event: webhook.events[0] ?? 'update',
    model: webhook.models[0] ?? 'test',
    objectId: '0',
    username: null,
    requestId: null,
    data: { id: 0 },
    prechange: null,
    postchange: null,
    changed: [],
  };
}

function pingBody(webhook: Webhook, at: Date): string | null {
  if (webhook.method === 'GET') return null;
  return JSON.stringify({ event: 'ping', timestamp: at.toISOString(), webhook: webhook.name });
}

/** An event that is nobody's to dispatch. */
async function insertEvent(dataSource: DataSource, subject: TestSubject): Promise<WebhookEvent> {
  const id = newId();
  const now = () => NOW[requireDialect(dataSource)];
  const sql = new Sql(dataSource);
  const sequence =
    sql.dialect === 'sqlite'
      ? {
          sequence: () =>
            `(SELECT COALESCE(MAX("sequence"), 0) + 1 FROM ${sql.table(WebhookEvent)} AS "others")`,
        }
      : {};
  await dataSource
    .createQueryBuilder()
    .insert()
    .into(WebhookEvent)
    .values({
      ...sequence,
      id,
      model: subject.model,
      event: subject.event,
      objectId: subject.objectId,
      username: subject.username,
      requestId: subject.requestId,
      data: toJsonText(subject.data),
      prechange: text(subject.prechange),
      postchange: text(subject.postchange),
      changed: [...subject.changed],
      occurredAt: now,
      dispatchedAt: now,
    })
    .updateEntity(false)
    .execute();
  return dataSource.getRepository(WebhookEvent).findOneByOrFail({ id });
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : toJsonText(value);
}
