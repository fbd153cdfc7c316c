import type { DataSource, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { Image } from './image.js';
import { settleLazyRelations } from './lazy-relations.js';

/** A row that nobody wrote, as the driver would give it. */
export function sampleImage(dataSource: DataSource, metadata: EntityMetadata): Image {
  const row = Object.fromEntries(
    metadata.columns.map((column) => [
      column.databaseName,
      dataSource.driver.preparePersistentValue(sampleValue(column), column) as unknown,
    ]),
  );
  const links = new Map(metadata.manyToManyRelations.map(({ propertyPath }) => [propertyPath, []]));
  return { row, links };
}

/** An entity with made-up values, and with these relations, given as paths. */
export function sampleEntity(
  dataSource: DataSource,
  metadata: EntityMetadata,
  relations: readonly string[],
): object {
  const entity = metadata.create(undefined, { fromDeserializer: true }) as object;
  for (const column of metadata.columns) {
    if (!column.isVirtual && !column.isVirtualProperty) column.setEntityValue(entity, sampleValue(column));
  }
  for (const name of new Set(relations.map((path) => path.split('.')[0]))) {
    const relation = metadata.relations.find(({ propertyPath }) => propertyPath === name);
    if (relation === undefined) continue;
    const nested = relations.flatMap((path) =>
      path.startsWith(`${name}.`) ? [path.slice(relation.propertyPath.length + 1)] : [],
    );
    const related = sampleEntity(dataSource, relation.inverseEntityMetadata, nested);
    const isList = relation.isManyToMany || relation.isOneToMany;
    relation.setEntityValue(entity, isList ? [related] : related);
  }
  settleLazyRelations(metadata, entity);
  return entity;
}

/** A value that a column could hold. */
function sampleValue(column: ColumnMetadata): unknown {
  const { default: given, referencedColumn } = column;
  if (referencedColumn !== undefined) return sampleValue(referencedColumn);
  if (column.isDiscriminator) return column.entityMetadata.discriminatorValue;
  if (column.isDeleteDate) return null;
  if (column.enum !== undefined) return column.enum[0];
  if (column.isArray) return [];
  if (typeof given === 'number' || typeof given === 'boolean') return given;
  if (typeof given === 'string' && given !== '' && !given.includes('(')) return given.replace(/^'|'$/g, '');
  return sampleOfType(column, typeName(column));
}

function sampleOfType(column: ColumnMetadata, type: string): unknown {
  if (/uuid/.test(type) || column.generationStrategy === 'uuid')
    return '00000000-0000-4000-8000-000000000001';
  if (/bool|tinyint\(1\)|^bit$/.test(type)) return true;
  if (/int|number|serial|year/.test(type)) return 1;
  if (/decimal|numeric|float|double|real|money/.test(type)) return 1.5;
  if (/date|time/.test(type)) return new Date('2026-01-01T12:00:00.000Z');
  if (/simple-array/.test(type)) return ['example'];
  if (/json/.test(type)) return designType(column) === Array ? [] : {};
  if (/blob|bytea|binary/.test(type)) return Buffer.from('example');
  const length = Number(column.length) || 100;
  return `example ${column.propertyName}`.slice(0, length);
}

function typeName(column: ColumnMetadata): string {
  const type = typeof column.type === 'function' ? column.type.name : column.type;
  return type.toLowerCase();
}

function designType(column: ColumnMetadata): unknown {
  if (typeof column.target !== 'function') return undefined;
  return Reflect.getMetadata('design:type', column.target.prototype as object, column.propertyName);
}
