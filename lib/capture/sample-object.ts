import type { DataSource, EntityMetadata } from 'typeorm';
import { entityFromImage } from './entity-from-image.js';
import type { Image } from './image.js';
import { sampleValue } from './sample-value.js';

/** A row that nobody wrote, as the driver would give it. */
export function sampleImage(dataSource: DataSource, metadata: EntityMetadata): Image {
  const row = Object.fromEntries(
    metadata.columns.map((column) => [column.databaseName, sampleValue(dataSource, column)]),
  );
  const links = new Map(metadata.manyToManyRelations.map(({ propertyPath }) => [propertyPath, []]));
  return { row, links };
}

/** An entity with made-up values as events show it, and with these relations, given as paths. */
export function sampleEntity(
  dataSource: DataSource,
  metadata: EntityMetadata,
  relations: readonly string[],
): object {
  const related: Record<string, unknown> = {};
  for (const name of new Set(relations.map((path) => path.split('.')[0]))) {
    const relation = metadata.relations.find(({ propertyPath }) => propertyPath === name);
    if (relation === undefined) continue;
    const nested = relations.flatMap((path) =>
      path.startsWith(`${name}.`) ? [path.slice(relation.propertyPath.length + 1)] : [],
    );
    const entity = sampleEntity(dataSource, relation.inverseEntityMetadata, nested);
    related[relation.propertyName] = relation.isManyToMany || relation.isOneToMany ? [entity] : entity;
  }
  return entityFromImage(dataSource, metadata, sampleImage(dataSource, metadata), related);
}
