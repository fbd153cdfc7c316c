import { compileConditions, type CompiledConditions } from '../conditions/compile-conditions.js';
import type { ConditionSubject } from '../conditions/condition-subject.js';
import type { WebhookEvent } from '../model/webhook-event.entity.js';
import type { Webhook } from '../model/webhook.entity.js';
import type { Match } from './match-webhooks.js';

/**
 * Decides the conditions of webhooks that have some, keeping what was compiled for each webhook and what was parsed of
 * the last event.
 */
export class ConditionChecker {
  private readonly compiled = new WeakMap<Webhook, CompiledConditions | Error>();
  private readonly subjects = new WeakMap<WebhookEvent, ConditionSubject>();

  /** Never throws: what cannot be decided does not match, with its reason. */
  readonly check = (webhook: Webhook, event: WebhookEvent): Match => {
    const conditions = this.compile(webhook);
    // Refused when it was saved; rows can be written by other means.
    if (conditions instanceof Error) return { matched: false, error: conditions.message };
    const { matched, error } = conditions(this.subject(event));
    return matched ? { matched } : { matched, error: error ?? null };
  };

  private compile(webhook: Webhook): CompiledConditions | Error {
    let conditions = this.compiled.get(webhook);
    if (conditions === undefined) {
      try {
        conditions = compileConditions(webhook.conditions);
      } catch (error) {
        conditions = error instanceof Error ? error : new Error(String(error));
      }
      this.compiled.set(webhook, conditions);
    }
    return conditions;
  }

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
