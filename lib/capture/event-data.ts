import type { DataSource, EntityMetadata } from 'typeorm';
import { toJsonText } from '../common/json-text.js';
import { CaptureError } from './capture-error.js';
import { isOfChild } from './entity-members.js';
import { removeHidden } from './hidden-paths.js';
import type { Image } from './image.js';
import { plainText } from './plain-text.js';
import type { Key, TrackedTable } from './tracked-table.js';

/** An entity as TypeORM would load it from a row, with these relations, without columns that are not selected. */
export function entityFromImage(
  dataSource: DataSource,
  metadata: EntityMetadata,
  { row }: Image,
  related: Readonly<Record<string, unknown>> = {},
): object {
  const entity = metadata.create(undefined, { fromDeserializer: true }) as object;
  for (const column of metadata.columns) {
    if (column.isVirtual || column.isVirtualProperty || !column.isSelect || isOfChild(metadata, column))
      continue;
    column.setEntityValue(entity, dataSource.driver.prepareHydratedValue(row[column.databaseName], column));
  }
  Object.assign(entity, related);
  for (const listener of metadata.afterLoadListeners) {
    if (listener.isAllowed(entity)) listener.execute(entity);
  }
  return entity;
}

/**
 * The text of an event's `data`: the entity through class-transformer's rules, or its own `serialize`.
 *
 * @throws WebhooksError `WEBHOOKS_SERIALIZER_FAILED`
 */
export function eventData(
  entity: object,
  { table, kind, key }: { table: TrackedTable; kind: EntityMetadata; key: Key },
): string {
  removeHidden(entity);
  const { serialize } = table.entityOf(kind);
  try {
    return serialize ? toJsonText(serialize(entity)) : plainText(entity);
  } catch (cause) {
    throw new CaptureError(
      'WEBHOOKS_SERIALIZER_FAILED',
      `${kind.name} ${table.objectId(key)} cannot be serialised for its event: ${String(cause)}. The change is not ` +
        `committed, because it would be without its event. Correct ${serialize ? 'the `serialize` of its @WebhookEntity()' : 'its class-transformer rules'}.`,
      cause,
    );
  }
}
