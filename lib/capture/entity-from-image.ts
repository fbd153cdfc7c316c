import type { DataSource, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { isHidden, isOfChild } from '../tracking/entity-members.js';
import type { Image } from './image.js';
import { plainLazyRelations } from './lazy-relations.js';

/** By entity. */
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
  plainLazyRelations(metadata, entity);
  Object.assign(entity, related);
  for (const listener of metadata.afterLoadListeners) {
    if (listener.isAllowed(entity)) listener.execute(entity);
  }
  return entity;
}

/** Columns whose values entities of events have. */
export function columnsShown(metadata: EntityMetadata): readonly ColumnMetadata[] {
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
