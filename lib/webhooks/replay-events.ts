import type { DataSource, EntityManager } from 'typeorm';
import { insertDeliveries, type NewDelivery } from '../delivery/insert-deliveries.js';
import { ConditionChecker } from '../dispatch/condition-checker.js';
import { matchWebhooks } from '../dispatch/match-webhooks.js';
import type { WebhookEvent } from '../model/webhook-event.entity.js';
import type { Webhook } from '../model/webhook.entity.js';
import type { DeliveryFilter } from './delivery-filter.js';
import { selectEvents } from './delivery-selection.js';

/** Events read at a time. */
const BATCH = 200;

/** Makes a delivery of each selected event to the webhook, if it listens and its conditions hold. Gives how many. */
export async function replayEvents(
  dataSource: DataSource,
  filter: DeliveryFilter,
  webhook: Webhook,
  dryRun: boolean,
): Promise<number> {
  const { check } = new ConditionChecker();
  let count = 0;
  let last: string | undefined;
  for (;;) {
    const query = selectEvents(dataSource.manager, filter).limit(BATCH);
    if (last !== undefined) query.andWhere('e.sequence > :last', { last });
    const events = await query.getMany();
    const matching = events.filter((event) =>
      matchWebhooks(event, [webhook], check).some(({ match }) => match.matched),
    );
    count += matching.length;
    if (!dryRun && matching.length > 0) {
      await insertDeliveries(
        dataSource.manager,
        matching.map((event) => again(event, webhook, 'replay')),
        false,
      );
    }
    last = events.at(-1)?.sequence;
    if (events.length < BATCH) return count;
  }
}

/** Makes a new delivery of the event whatever the webhook listens to. Gives its id. */
export async function resendDelivery(
  manager: EntityManager,
  event: WebhookEvent,
  webhook: Webhook,
): Promise<string> {
  const [inserted] = await insertDeliveries(manager, [again(event, webhook, 'manual')], false);
  if (inserted === undefined) throw new TypeError('A delivery was inserted without an id.');
  return inserted.id;
}

function again(event: WebhookEvent, webhook: Webhook, trigger: 'replay' | 'manual'): NewDelivery {
  return {
    webhookId: webhook.id,
    eventId: event.id,
    sequence: event.sequence,
    model: event.model,
    event: event.event,
    objectId: event.objectId,
    trigger,
    status: webhook.enabled ? 'pending' : 'held',
    error: null,
    delay: 0,
  };
}
