import { fromJsonText } from '../common/json-text.js';
import type { WebhookEventName } from '../common/events.js';
import type { ConditionSubject } from '../conditions/condition-subject.js';
import type { WebhookEvent } from '../model/webhook-event.entity.js';
import { subjectOf, type SerialisedSubject } from '../rendering/serialised-subject.js';
import type { PreviewObject } from './preview-objects.js';

/** What a preview is rendered for: a real event, or one made up from an object. */
export interface PreviewSubject extends SerialisedSubject {
  readonly source: 'event' | 'object' | 'sample';
  readonly eventId: string | null;
  readonly objectId: string;
}

/** An event that happened. */
export function subjectOfEvent(event: WebhookEvent): PreviewSubject {
  return {
    source: 'event',
    eventId: event.id,
    objectId: event.objectId,
    ...subjectOf(event),
  };
}

/** An event as it would be if it happened to the object now, without a change of its fields. */
export function subjectOfObject(
  source: 'object' | 'sample',
  { objectId, data, snapshot }: PreviewObject,
  { model, event }: { model: string; event: WebhookEventName },
): PreviewSubject {
  return {
    source,
    eventId: null,
    objectId,
    event,
    model,
    timestamp: new Date().toISOString(),
    username: null,
    requestId: null,
    data,
    prechange: event === 'create' ? null : snapshot,
    postchange: event === 'delete' ? null : snapshot,
    changed: event === 'update' ? [] : Object.keys(JSON.parse(snapshot) as object),
  };
}

/** The subject as conditions see it. */
export function conditionSubject(
  subject: Pick<
    PreviewSubject,
    'data' | 'prechange' | 'postchange' | 'event' | 'model' | 'username' | 'changed'
  >,
): ConditionSubject {
  return {
    data: JSON.parse(subject.data),
    snapshots: { prechange: fromJsonText(subject.prechange), postchange: fromJsonText(subject.postchange) },
    event: subject.event,
    model: subject.model,
    username: subject.username,
    changed: subject.changed,
  };
}
