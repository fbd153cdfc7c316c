import { EVENTS, type WebhookEventName } from '../common/events.js';
import { WEBHOOK_ENTITY_METADATA, type WebhookEntityOptions } from './webhook-entity.decorator.js';
import { WEBHOOK_HIDDEN_METADATA } from './webhook-hidden.decorator.js';

/** What is known of an entity that opted in. */
export interface TrackedEntity {
  readonly model: string;
  readonly events: readonly WebhookEventName[];
  readonly relations: readonly string[];
  readonly serialize: ((entity: unknown) => unknown) | undefined;
}

const NOTHING_HIDDEN: ReadonlySet<string> = new Set();

/** Reads what {@link WebhookEntity} said of a class or the nearest class above it; `undefined` if nothing did. */
export function trackedEntity(target: unknown): TrackedEntity | undefined {
  if (typeof target !== 'function') return undefined;
  const options = Reflect.getMetadata(WEBHOOK_ENTITY_METADATA, target) as
    (WebhookEntityOptions & { model: string }) | undefined;
  if (options === undefined) return undefined;
  return {
    model: options.model,
    events: options.events ?? EVENTS,
    relations: options.relations ?? [],
    serialize: options.serialize,
  };
}

/** Names of the properties of a class, tracked or not, that `@WebhookHidden()` keeps inside. */
export function hiddenProperties(target: unknown): ReadonlySet<string> {
  if (typeof target !== 'function') return NOTHING_HIDDEN;
  return (
    (Reflect.getMetadata(WEBHOOK_HIDDEN_METADATA, target) as ReadonlySet<string> | undefined) ??
    NOTHING_HIDDEN
  );
}
