import type { DataSource, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { toJsonText } from '../common/json-text.js';
import { isHidden, isOfChild } from '../tracking/entity-members.js';
import { CaptureError } from './capture-error.js';
import type { Image } from './image.js';
import { plainText } from './plain-text.js';
import { removeHidden } from './remove-hidden.js';
import type { Key, TrackedTable } from './tracked-table.js';

/** Columns that entities of events have, by entity. */
const shownColumns = new WeakMap<EntityMetadata, readonly ColumnMetadata[]>();

/**
 * An entity as TypeORM would load it from a row, with these relations, without columns that are not selected. Hidden
 * ones are not there for its `@AfterLoad()` either, which may copy them to where nobody would look.
 */
export function entityFromImage(
  dataSource: DataSource,
  metadata: EntityMetadata,
  { row }: Image,
  related: Readonly<Record<string, unknown>> = {},
): object {
  const entity = metadata.create(undefined, { fromDeserializer: true }) as object;
  for (const column of columnsShown(metadata)) {
    column.setEntityValue(entity, dataSource.driver.prepareHydratedValue(row[column.databaseName], column));
  }
  Object.assign(entity, related);
  for (const listener of metadata.afterLoadListeners) {
    if (listener.isAllowed(entity)) listener.execute(entity);
  }
  return entity;
}

function columnsShown(metadata: EntityMetadata): readonly ColumnMetadata[] {
  const known = shownColumns.get(metadata);
  if (known !== undefined) return known;
  const shown = metadata.columns.filter(
    (column) =>
      column.isSelect &&
      !column.isVirtual &&
      !column.isVirtualProperty &&
      !isOfChild(metadata, column) &&
      !isHidden(metadata, column.propertyPath.split('.')),
  );
  shownColumns.set(metadata, shown);
  return shown;
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
