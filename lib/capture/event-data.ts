import type { EntityMetadata } from 'typeorm';
import { toJsonText } from '../common/json-text.js';
import { CaptureError } from './capture-error.js';
import { plainText } from './plain-text.js';
import { removeHidden } from './remove-hidden.js';
import type { Key, TrackedTable } from './tracked-table.js';

/** The object whose data it is. */
export interface IdentifiedObject {
  readonly table: TrackedTable;
  readonly key: Key;
}

/**
 * The text of an event's `data`: the entity through class-transformer's rules, or its own `serialize`.
 *
 * @throws WebhooksError `WEBHOOKS_SERIALIZER_FAILED`
 */
export function eventData(entity: object, kind: EntityMetadata, object: IdentifiedObject): string {
  removeHidden(entity);
  const { serialize } = object.table.entityOf(kind);
  return serialised(kind, object, () => (serialize ? toJsonText(serialize(entity)) : plainText(entity)));
}

/** What serialising an object gives; an error of it says of which object. */
export function serialised<Result>(
  kind: EntityMetadata,
  { table, key }: IdentifiedObject,
  serialise: () => Result,
): Result {
  try {
    return serialise();
  } catch (cause) {
    const { serialize } = table.entityOf(kind);
    throw new CaptureError(
      'WEBHOOKS_SERIALIZER_FAILED',
      `${kind.name} ${table.objectId(key)} cannot be serialised for its event: ${String(cause)}. The change is not ` +
        `committed, because it would be without its event. Correct ${serialize ? 'the `serialize` of its @WebhookEntity()' : 'its class-transformer rules'}.`,
      cause,
    );
  }
}
