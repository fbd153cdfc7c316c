import type { DataSource } from 'typeorm';
import { insertDeliveries, type NewDelivery } from '../delivery/insert-deliveries.js';
import { ConditionChecker } from '../dispatch/condition-checker.js';
import { matchEvents } from '../dispatch/match-events.js';
import { readCommitted } from '../model/read-committed.js';
import type { WebhookEvent } from '../model/webhook-event.entity.js';
import type { Webhook } from '../model/webhook.entity.js';
import type { DeliveryFilter, ReplayOptions, ReplayResult } from './delivery-filter.js';
import { selectEvents } from './delivery-selection.js';

/** Events read at a time. */
const BATCH = 200;

/**
 * Makes a delivery of each selected event to the webhook, if it listens and its conditions hold, in the order of the
 * events.
 */
export async function replayEvents(
  dataSource: DataSource,
  filter: DeliveryFilter,
  webhook: Webhook,
  { dryRun = false, after, limit = Number.POSITIVE_INFINITY }: ReplayOptions,
): Promise<ReplayResult> {
  const { check } = new ConditionChecker();
  let count = 0;
  let last = after;
  for (let seen = 0; seen < limit;) {
    const size = Math.min(BATCH, limit - seen);
    const query = selectEvents(dataSource.manager, filter).limit(size + 1);
    if (last !== undefined) query.andWhere('e.sequence > :last', { last });
    // The one more tells whether anything is left.
    const found = await query.getMany();
    const events = found.slice(0, size);
    const { matched } = await matchEvents(events, [webhook], check);
    const matching = matched.flatMap(({ event, match }) => (match.matched ? [event] : []));
    if (!dryRun && matching.length > 0) {
      const again = matching.map((event) => deliveryAgain(event, webhook, 'replay'));
      await readCommitted(dataSource, (manager) => insertDeliveries(manager, again));
    }
    count += matching.length;
    seen += events.length;
    last = events.at(-1)?.sequence;
    if (found.length <= size) return { count };
  }
  // oxlint-disable-next-line typescript/no-unnecessary-type-conversion -- SQLite gives a number
  return last === undefined ? { count } : { count, next: String(last) };
}

/** Makes a new delivery of the event whatever the webhook listens to. Gives its id. */
export async function resendDelivery(
  dataSource: DataSource,
  event: WebhookEvent,
  webhook: Webhook,
): Promise<string> {
  const [inserted] = await readCommitted(dataSource, (manager) =>
    insertDeliveries(manager, [deliveryAgain(event, webhook, 'manual')]),
  );
  if (inserted === undefined) throw new TypeError('A delivery was inserted without an id.');
  return inserted.id;
}

function deliveryAgain(event: WebhookEvent, webhook: Webhook, trigger: 'replay' | 'manual'): NewDelivery {
  return {
    webhookId: webhook.id,
    eventId: event.id,
    sequence: event.sequence,
    model: event.model,
    event: event.event,
    objectId: event.objectId,
    trigger,
    // Unless it is enabled at that moment: of many events the last ones come long after the webhook was read.
    status: 'held',
    error: null,
    delay: 0,
  };
}
