import { In, type DataSource, type EntityManager } from 'typeorm';
import { insertDeliveries, type NewDelivery } from '../delivery/insert-deliveries.js';
import type { QueuedDelivery } from '../delivery/delivery.queue.js';
import { inIndexOrder } from '../model/read-committed.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import type { Webhook } from '../model/webhook.entity.js';
import { claimEvents, markDispatched, type ClaimedEvent } from '../outbox/claim-events.js';
import { hasConditions, matchEvents, type Match, type MatchedEvent } from './match-events.js';

/** Milliseconds of deciding conditions after which a batch ends: its events are locked meanwhile. */
const BUDGET = 250;

/** What one batch came to. */
export interface DispatchedBatch {
  /** Events dispatched. */
  readonly events: number;
  /** Deliveries to be put into the queue. */
  readonly deliveries: readonly QueuedDelivery[];
  /** Whether deliveries were made that the feeder is to take. */
  readonly waiting: boolean;
  /** Whether no further event waited. */
  readonly isLast: boolean;
}

/**
 * Turns a batch of waiting events into deliveries, in one transaction: an event is dispatched together with all its
 * deliveries, or not at all.
 *
 * @param currentWebhooks - reads the webhooks, on the connection of the transaction; called after the events are claimed,
 * so that a webhook committed before an event is always seen
 * @param withRoom - those of these webhooks whose new deliveries can go straight into the queue
 * @param firstDelay - milliseconds until the first attempt, where the webhook does not say
 */
export async function dispatchEvents(
  dataSource: DataSource,
  batchSize: number,
  currentWebhooks: (manager: EntityManager) => Promise<readonly Webhook[]>,
  check: (webhook: Webhook, event: WebhookEvent) => Match,
  withRoom: (webhookIds: Iterable<string>) => Promise<ReadonlySet<string>>,
  firstDelay: number,
): Promise<DispatchedBatch> {
  return inIndexOrder(dataSource, async (manager) => {
    const claimed = await claimEvents(manager, batchSize);
    if (claimed.length === 0) return { events: 0, deliveries: [], waiting: false, isLast: true };
    const webhooks = await currentWebhooks(manager);
    const whole = await readWhole(
      manager,
      claimed.filter((event) => hasConditions(event, webhooks)),
    );
    const { matched, count } = await matchEvents(
      claimed,
      webhooks,
      (webhook, { id }) => check(webhook, whole(id)),
      BUDGET,
    );
    const deliveries = matched.flatMap((one) => newDelivery(one, firstDelay) ?? []);
    const queued = await withRoom(new Set(deliveries.map(({ webhookId }) => webhookId)));
    const inserted = await insertDeliveries(manager, deliveries, queued);
    const ready = inserted.filter(({ isReady }) => isReady);
    const toQueue = ready.filter(({ webhookId }) => queued.has(webhookId));
    await markDispatched(
      manager,
      claimed.slice(0, count).map(({ id }) => id),
    );
    return {
      events: count,
      deliveries: toQueue,
      waiting: toQueue.length < ready.length,
      isLast: count === claimed.length && claimed.length < batchSize,
    };
  });
}

/** Claimed events with all that conditions may ask for, by id. */
async function readWhole(
  manager: EntityManager,
  events: readonly ClaimedEvent[],
): Promise<(id: string) => WebhookEvent> {
  const ids = events.map(({ id }) => id);
  const found = ids.length === 0 ? [] : await manager.findBy(WebhookEvent, { id: In(ids) });
  const whole = new Map(found.map((event) => [event.id, event]));
  return (id) => {
    const event = whole.get(id);
    if (event === undefined) throw new TypeError(`Event ${id} is gone although it was locked.`);
    return event;
  };
}

/** Conditions that say no leave no trace; those that could not be decided do. */
function newDelivery(
  { event, webhook, match }: MatchedEvent<ClaimedEvent>,
  firstDelay: number,
): NewDelivery | undefined {
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
    delay: webhook.schedule?.[0] ?? firstDelay,
  };
}
