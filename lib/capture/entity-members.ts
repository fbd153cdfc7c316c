import type { DataSource, EntityMetadata } from 'typeorm';
import type { Image } from './image.js';

/** Whether a column or relation is one that only children have, under single-table inheritance. */
export function isOfChild(
  { childEntityMetadatas }: EntityMetadata,
  { target }: { readonly target: unknown },
): boolean {
  return childEntityMetadatas.some((child) => child.target === target);
}

/** Gives an entity the values of a row, except of columns that are not selected by default. */
export function setColumnValues(
  dataSource: DataSource,
  metadata: EntityMetadata,
  { entity, image }: { entity: object; image: Image },
): void {
  for (const column of metadata.columns) {
    if (column.isVirtual || column.isVirtualProperty || !column.isSelect || isOfChild(metadata, column))
      continue;
    column.setEntityValue(
      entity,
      dataSource.driver.prepareHydratedValue(image.row[column.databaseName], column),
    );
  }
}
