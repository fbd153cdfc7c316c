import type { WebhookEvent } from '../model/webhook-event.entity.js';
import type { Webhook } from '../model/webhook.entity.js';

/** Whether an event goes to a webhook, and if it does not although it could: why. */
export type Match = { readonly matched: true } | { readonly matched: false; readonly error: string | null };

/** What decides which webhooks listen to an event. */
type Kind = Pick<WebhookEvent, 'model' | 'event'>;

/** The webhooks that listen to the event's model and kind, each with the outcome of its conditions as `check` says. */
export function matchWebhooks<Event extends Kind>(
  event: Event,
  webhooks: readonly Webhook[],
  check: (webhook: Webhook, event: Event) => Match,
): { webhook: Webhook; match: Match }[] {
  return listeners(webhooks, event).map((webhook) => ({
    webhook,
    match: webhook.conditions === null ? { matched: true } : check(webhook, event),
  }));
}

/** Whether the conditions of any webhook are to be evaluated for the event. */
export function hasConditions(event: Kind, webhooks: readonly Webhook[]): boolean {
  return listeners(webhooks, event).some(({ conditions }) => conditions !== null);
}

/** By model and event, made once for each list: of a thousand webhooks few listen to one event. */
const indices = new WeakMap<readonly Webhook[], Map<string, Webhook[]>>();

function listeners(webhooks: readonly Webhook[], { model, event }: Kind): readonly Webhook[] {
  let index = indices.get(webhooks);
  if (index === undefined) {
    index = new Map();
    for (const webhook of webhooks) {
      for (const key of webhook.models.flatMap((each) => webhook.events.map((kind) => `${kind} ${each}`))) {
        const others = index.get(key);
        if (others === undefined) index.set(key, [webhook]);
        else if (!others.includes(webhook)) others.push(webhook);
      }
    }
    indices.set(webhooks, index);
  }
  return index.get(`${event} ${model}`) ?? [];
}
