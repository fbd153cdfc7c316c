import 'reflect-metadata';

/** Metadata key of {@link WebhookHidden}. */
export const WEBHOOK_HIDDEN_METADATA = 'nestjs-webhooks:hidden';

/**
 * Keeps a property inside the process: it is in no event's data, snapshots or list of changes, nor in a log, also
 * when the entity is only a relation of the tracked one. An `@AfterLoad()` method does not find it in the copies that
 * events are made of; in relations of relations and in lists, which TypeORM itself loads, it does, and must not copy it.
 */
export function WebhookHidden(): PropertyDecorator {
  return (prototype, property) => {
    const target = prototype.constructor;
    const hidden = new Set<string>(
      Reflect.getMetadata(WEBHOOK_HIDDEN_METADATA, target) as Iterable<string> | undefined,
    );
    Reflect.defineMetadata(WEBHOOK_HIDDEN_METADATA, hidden.add(String(property)), target);
  };
}
