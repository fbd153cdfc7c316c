import type { WebhookEvent } from '../model/webhook-event.entity.js';
import type { Webhook } from '../model/webhook.entity.js';

/** Whether an event goes to a webhook, and if it does not although it could: why. */
export type Match = { readonly matched: true } | { readonly matched: false; readonly error: string | null };

/** Evaluates the conditions of a webhook for an event; supplied by whoever compiles and keeps them. */
export type ConditionCheck = (webhook: Webhook, event: WebhookEvent) => Match;

/** The webhooks that listen to the event's model and kind, each with the outcome of its conditions. */
export function matchWebhooks(
  event: WebhookEvent,
  webhooks: readonly Webhook[],
  check: ConditionCheck,
): { webhook: Webhook; match: Match }[] {
  return webhooks
    .filter(({ models, events }) => models.includes(event.model) && events.includes(event.event))
    .map((webhook) => ({ webhook, match: check(webhook, event) }));
}
