import type { DataSource } from 'typeorm';
import { insertDeliveries, type NewDelivery } from '../delivery/insert-deliveries.js';
import type { QueuedDelivery } from '../delivery/delivery.queue.js';
import { inIndexOrder } from '../model/read-committed.js';
import type { WebhookEvent } from '../model/webhook-event.entity.js';
import type { Webhook } from '../model/webhook.entity.js';
import { claimEvents, markDispatched } from '../outbox/claim-events.js';
import { matchWebhooks, type ConditionCheck, type Match } from './match-webhooks.js';

/** What one batch came to. */
export interface DispatchedBatch {
  /** Events dispatched. */
  readonly events: number;
  /** Deliveries to be put into the queue. */
  readonly deliveries: readonly QueuedDelivery[];
  /** Whether deliveries were made that the feeder is to take. */
  readonly waiting: boolean;
}

/**
 * Turns a batch of waiting events into deliveries, in one transaction: an event is dispatched together with all its
 * deliveries, or not at all.
 *
 * @param currentWebhooks - reads the webhooks; called after the events are claimed, so that a webhook committed
 * before an event is always seen
 * @param withRoom - those of these webhooks whose new deliveries can go straight into the queue
 */
export async function dispatchEvents(
  dataSource: DataSource,
  batchSize: number,
  currentWebhooks: () => Promise<readonly Webhook[]>,
  check: ConditionCheck,
  withRoom: (webhookIds: Iterable<string>) => Promise<ReadonlySet<string>>,
): Promise<DispatchedBatch> {
  return inIndexOrder(dataSource, async (manager) => {
    const events = await claimEvents(manager, batchSize);
    if (events.length === 0) return { events: 0, deliveries: [], waiting: false };
    const webhooks = await currentWebhooks();
    const deliveries = events.flatMap((event) =>
      matchWebhooks(event, webhooks, check).flatMap(
        ({ webhook, match }) => newDelivery(event, webhook, match) ?? [],
      ),
    );
    const queued = await withRoom(new Set(deliveries.map(({ webhookId }) => webhookId)));
    const inserted = await insertDeliveries(manager, deliveries, queued);
    const ready = inserted.filter(({ isReady }) => isReady);
    const toQueue = ready.filter(({ webhookId }) => queued.has(webhookId));
    await markDispatched(
      manager,
      events.map(({ id }) => id),
    );
    return { events: events.length, deliveries: toQueue, waiting: toQueue.length < ready.length };
  });
}

/** Conditions that say no leave no trace; those that could not be decided do. */
function newDelivery(event: WebhookEvent, webhook: Webhook, match: Match): NewDelivery | undefined {
  if (!match.matched && match.error === null) return undefined;
  return {
    webhookId: webhook.id,
    eventId: event.id,
    sequence: event.sequence,
    model: event.model,
    event: event.event,
    objectId: event.objectId,
    trigger: 'event',
    status: !match.matched ? 'skipped' : webhook.enabled ? 'pending' : 'held',
    error: match.matched ? null : match.error,
    delay: webhook.schedule?.[0] ?? 0,
  };
}
