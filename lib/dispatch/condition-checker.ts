import type { ConditionSubject } from '../conditions/condition-subject.js';
import { runConditions } from '../conditions/run-conditions.js';
import type { WebhookEvent } from '../model/webhook-event.entity.js';
import type { Webhook } from '../model/webhook.entity.js';
import type { Match } from './match-events.js';
import { webhookConditions } from './webhook-conditions.js';

/** Decides the conditions of webhooks that have some, keeping what was parsed of the last events. */
export class ConditionChecker {
  private readonly subjects = new WeakMap<WebhookEvent, ConditionSubject>();

  /** Never throws: what cannot be decided does not match, with its reason. */
  readonly check = (webhook: Webhook, event: WebhookEvent): Match => {
    const conditions = webhookConditions(webhook);
    if (conditions instanceof Error) return { matched: false, error: conditions.message };
    const { matched, error } = runConditions(conditions, this.subject(event));
    return matched ? { matched } : { matched, error: error ?? null };
  };

  private subject(event: WebhookEvent): ConditionSubject {
    let subject = this.subjects.get(event);
    if (subject === undefined) {
      subject = {
        data: JSON.parse(event.data),
        snapshots: { prechange: parse(event.prechange), postchange: parse(event.postchange) },
        event: event.event,
        model: event.model,
        username: event.username,
        changed: event.changed,
      };
      this.subjects.set(event, subject);
    }
    return subject;
  }
}

function parse(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
