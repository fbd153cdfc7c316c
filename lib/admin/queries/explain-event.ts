import { SlicedWork } from '../../common/sliced-work.js';
import type { ConditionSubject } from '../../conditions/condition-subject.js';
import { explainParsed, type ConditionExplanation } from '../../conditions/explain-conditions.js';
import { webhookConditions } from '../../dispatch/webhook-conditions.js';
import type { WebhookEvent } from '../../model/webhook-event.entity.js';
import type { Webhook } from '../../model/webhook.entity.js';
import { conditionSubject } from '../../webhooks/preview-subject.js';
import type { DeliveryItem } from './list-deliveries.js';

/**
 * What became of an event for one webhook:
 *
 * - `delivery`: there are deliveries, whose states say more
 * - `waiting`: the event is not dispatched yet
 * - `model`, `event`: the webhook does not listen to that
 * - `conditions`: they did not hold, or could not be decided
 * - `later`: the webhook is younger than the event
 * - `gone`: it matches as it is defined now, yet there is no delivery: it was defined otherwise then, or the delivery is
 *   no longer kept
 */
export type Verdict = 'delivery' | 'waiting' | 'model' | 'event' | 'conditions' | 'later' | 'gone';

/** Why an event was sent to a webhook, or not. */
export interface EventReason {
  readonly webhook: Pick<Webhook, 'id' | 'name' | 'enabled'>;
  readonly verdict: Verdict;
  /** The verdict in words. */
  readonly reason: string;
  readonly deliveries: readonly DeliveryItem[];
  /** What each condition comes to; `null` when the webhook has none, or does not listen anyway. */
  readonly conditions: ConditionExplanation | null;
  /** The webhook was changed after the event, and is explained as it is now. */
  readonly changedSince: boolean;
}

/** Explains an event for each webhook, those with deliveries first. Others get the event loop in between. */
export async function explainEvent(
  event: WebhookEvent,
  webhooks: readonly Webhook[],
  deliveries: readonly DeliveryItem[],
): Promise<EventReason[]> {
  const subject = conditionSubject(event);
  const work = new SlicedWork();
  const reasons: EventReason[] = [];
  for (const webhook of webhooks) {
    const own = deliveries.filter(({ webhookId }) => webhookId === webhook.id);
    const listens = webhook.models.includes(event.model) && webhook.events.includes(event.event);
    const conditions = webhook.conditions === null || !listens ? null : explain(webhook, subject);
    const [verdict, reason] = judge(event, webhook, own, conditions);
    const { id, name, enabled } = webhook;
    const changedSince = webhook.updatedAt > event.occurredAt;
    reasons.push({
      webhook: { id, name, enabled },
      verdict,
      reason,
      deliveries: own,
      conditions,
      changedSince,
    });
    await work.pause();
  }
  return reasons.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
}

const ORDER: readonly Verdict[] = ['delivery', 'waiting', 'conditions', 'gone', 'later', 'event', 'model'];

function judge(
  event: WebhookEvent,
  webhook: Webhook,
  deliveries: readonly DeliveryItem[],
  conditions: ConditionExplanation | null,
): [Verdict, string] {
  const last = deliveries[0];
  if (last !== undefined) return ['delivery', STATES[last.status]];
  if (!webhook.models.includes(event.model)) {
    return ['model', `Not sent: it listens to ${webhook.models.join(', ')}, not to ${event.model}.`];
  }
  if (!webhook.events.includes(event.event)) {
    return ['event', `Not sent: it listens to ${webhook.events.join(', ')}, not to ${event.event}.`];
  }
  if (event.dispatchedAt === null) return ['waiting', 'Not sent yet: the event waits to be dispatched.'];
  if (webhook.createdAt > event.occurredAt) return ['later', 'Not sent: it was created after the event.'];
  if (conditions !== null && !conditions.matched) {
    return conditions.error === undefined
      ? ['conditions', 'Not sent: its conditions do not hold.']
      : ['conditions', `Not sent: its conditions cannot be decided. ${conditions.error}`];
  }
  return [
    'gone',
    'There is no delivery, although it matches as it is defined now: it was defined otherwise then, or the delivery is no longer kept.',
  ];
}

const STATES: Readonly<Record<DeliveryItem['status'], string>> = {
  pending: 'On its way: it is sent, or waits for its next attempt.',
  succeeded: 'Sent, and the endpoint accepted it.',
  failed: 'Sent without success: out of attempts, or it could not be sent.',
  held: 'Held: the webhook is disabled. It is sent when the webhook is enabled.',
  skipped: 'Not sent: its conditions could not be decided.',
  cancelled: 'Cancelled before it was accepted.',
};

function explain(webhook: Webhook, subject: ConditionSubject): ConditionExplanation {
  const conditions = webhookConditions(webhook);
  if (conditions instanceof Error) return { matched: false, error: conditions.message, terms: [] };
  return explainParsed(conditions, subject);
}
