import type { JsonValue } from '../common/json-text.js';
import type { TemplateSubject } from './template-context.js';

/** An event as it is stored: what was serialised when the change was captured is still text. */
export interface SerialisedSubject extends Omit<TemplateSubject, 'data' | 'prechange' | 'postchange'> {
  /** JSON text. */
  readonly data: string;
  /** JSON text; null for a create. */
  readonly prechange: string | null;
  /** JSON text; null for a delete. */
  readonly postchange: string | null;
}

/** What of an event goes into its subject. */
type StoredEvent = Omit<SerialisedSubject, 'timestamp'> & { readonly occurredAt: Date };

/** The subject of a stored event. */
export function subjectOf(event: StoredEvent): SerialisedSubject {
  return {
    event: event.event,
    model: event.model,
    timestamp: event.occurredAt.toISOString(),
    username: event.username,
    requestId: event.requestId,
    data: event.data,
    prechange: event.prechange,
    postchange: event.postchange,
    changed: event.changed,
  };
}

/** The subject of templates, whose texts are parsed when a template reads them. */
export function parsedSubject(stored: SerialisedSubject): TemplateSubject {
  return {
    event: stored.event,
    model: stored.model,
    timestamp: stored.timestamp,
    username: stored.username,
    requestId: stored.requestId,
    changed: stored.changed,
    get data() {
      return parse(stored.data);
    },
    get prechange() {
      return parse(stored.prechange);
    },
    get postchange() {
      return parse(stored.postchange);
    },
  };
}

function parse(text: string | null): JsonValue {
  return text === null ? null : (JSON.parse(text) as JsonValue);
}
