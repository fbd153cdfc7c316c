import { SlicedWork } from '../common/sliced-work.js';
import type { WebhookEvent } from '../model/webhook-event.entity.js';
import type { Webhook } from '../model/webhook.entity.js';

/** Whether an event goes to a webhook, and if it does not although it could: why. */
export type Match = { readonly matched: true } | { readonly matched: false; readonly error: string | null };

/** What decides which webhooks listen to an event. */
type Kind = Pick<WebhookEvent, 'model' | 'event'>;

/** An event and a webhook that listens to its model and kind. */
export interface MatchedEvent<Event> {
  readonly event: Event;
  readonly webhook: Webhook;
  readonly match: Match;
}

/**
 * Each event with the webhooks that listen to its model and kind, and the outcome of their conditions as `check` says.
 * Those may be made to take long: others get the event loop in between, and once it has worked for `budget`
 * milliseconds, it ends after the event at hand.
 *
 * @returns what matched, and how many of the events were looked at: at least one, if there are any
 */
export async function matchEvents<Event extends Kind>(
  events: readonly Event[],
  webhooks: readonly Webhook[],
  check: (webhook: Webhook, event: Event) => Match,
  budget = Number.POSITIVE_INFINITY,
): Promise<{ matched: MatchedEvent<Event>[]; count: number }> {
  const work = new SlicedWork();
  const matched: MatchedEvent<Event>[] = [];
  let count = 0;
  for (const event of events) {
    for (const webhook of listeners(webhooks, event)) {
      if (webhook.conditions === null) {
        matched.push({ event, webhook, match: { matched: true } });
        continue;
      }
      matched.push({ event, webhook, match: check(webhook, event) });
      await work.pause();
    }
    count += 1;
    if (work.elapsed > budget) break;
  }
  return { matched, count };
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
