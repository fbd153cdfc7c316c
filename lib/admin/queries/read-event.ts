import { fromJsonText } from '../../common/json-text.js';
import type { DataSource } from 'typeorm';
import { WebhookEvent } from '../../model/webhook-event.entity.js';
import type { Webhook } from '../../model/webhook.entity.js';
import { NotFoundError } from '../../webhooks/not-found.error.js';
import { explainEvent, type EventReason } from './explain-event.js';
import { diffFields, type FieldDiff } from './field-diff.js';
import { deliveriesOfEvent } from './list-deliveries.js';

/** One event: the change, and what became of it. */
export interface EventView extends Omit<WebhookEvent, 'data' | 'prechange' | 'postchange' | 'traceparent'> {
  readonly data: unknown;
  readonly prechange: unknown;
  readonly postchange: unknown;
  readonly diff: readonly FieldDiff[];
  /** For each webhook why it was sent, held or not. */
  readonly webhooks: readonly EventReason[];
}

/** One event. @throws NotFoundError */
export async function readEvent(
  dataSource: DataSource,
  currentWebhooks: () => Promise<readonly Webhook[]>,
  id: string,
): Promise<EventView> {
  const event = await dataSource.getRepository(WebhookEvent).findOneBy({ id });
  if (event === null) throw new NotFoundError('event', id);
  const [webhooks, deliveries] = await Promise.all([currentWebhooks(), deliveriesOfEvent(dataSource, id)]);
  const [prechange, postchange] = [fromJsonText(event.prechange), fromJsonText(event.postchange)];
  return {
    id: event.id,
    sequence: event.sequence,
    model: event.model,
    event: event.event,
    objectId: event.objectId,
    counterpartId: event.counterpartId,
    occurredAt: event.occurredAt,
    username: event.username,
    requestId: event.requestId,
    changed: event.changed,
    dispatchedAt: event.dispatchedAt,
    data: fromJsonText(event.data),
    prechange,
    postchange,
    diff: diffFields(prechange, postchange),
    webhooks: await explainEvent(
      event,
      webhooks.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      deliveries,
    ),
  };
}
