import type { JsonValue } from '../common/json-text.js';

/** What a template is told about an event. */
export interface TemplateSubject {
  readonly event: 'create' | 'update' | 'delete';
  readonly model: string;
  /** When the change happened, ISO 8601. */
  readonly timestamp: string;
  readonly username: string | null;
  readonly requestId: string | null;
  readonly data: JsonValue;
  readonly prechange: JsonValue;
  readonly postchange: JsonValue;
  /** Names of the fields that changed. */
  readonly changed: readonly string[];
}

/** The variables of templates, all of them, by the names templates use. */
export interface TemplateContext {
  readonly event: string;
  readonly model: string;
  readonly timestamp: string;
  readonly username: string | null;
  readonly request_id: string | null;
  readonly data: JsonValue;
  readonly snapshots: { readonly prechange: JsonValue; readonly postchange: JsonValue };
  readonly changed: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Builds the context of a webhook's templates. Data and snapshots are read from the subject when a template reads
 * them, so that a subject may parse them then.
 */
export function templateContext(
  subject: TemplateSubject,
  secrets: Readonly<Record<string, string>> = {},
): TemplateContext {
  return {
    event: subject.event,
    model: subject.model,
    timestamp: subject.timestamp,
    username: subject.username,
    request_id: subject.requestId,
    get data() {
      return subject.data;
    },
    get snapshots() {
      return { prechange: subject.prechange, postchange: subject.postchange };
    },
    changed: subject.changed,
    secrets,
  };
}
