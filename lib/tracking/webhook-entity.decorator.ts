import 'reflect-metadata';
import type { WebhookEventName } from '../common/events.js';

/** What a tracked entity says of itself. */
export interface WebhookEntityOptions<Entity = unknown> {
  /**
   * Name of the model in webhooks.
   *
   * @defaultValue the class name in lower case
   */
  readonly model?: string;
  /**
   * Events that webhooks may listen to.
   *
   * @defaultValue `['create', 'update', 'delete']`
   */
  readonly events?: readonly WebhookEventName[];
  /**
   * Relations loaded for `data`, as paths: `'site'`, `'site.region'`.
   *
   * @defaultValue `[]`
   */
  readonly relations?: readonly string[];
  /**
   * Makes `data` from the entity with its relations. Plain and synchronous; it runs inside the transaction.
   *
   * @defaultValue class-transformer's `instanceToPlain`
   */
  readonly serialize?: (entity: Entity) => unknown;
}

/** Metadata key of {@link WebhookEntity}. */
export const WEBHOOK_ENTITY_METADATA = 'nestjs-webhooks:entity';

/** Opts an entity in: its changes become webhook events. Inherited by subclasses that carry none of their own. */
export function WebhookEntity<Entity = unknown>(options: WebhookEntityOptions<Entity> = {}) {
  return (target: abstract new (...args: never[]) => Entity): void => {
    Reflect.defineMetadata(
      WEBHOOK_ENTITY_METADATA,
      { ...options, model: options.model ?? target.name.toLowerCase() },
      target,
    );
  };
}
