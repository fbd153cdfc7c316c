import type { DataSource, ObjectLiteral, ObjectType } from 'typeorm';

/** The escaped name of an entity's table, with its schema, ready for SQL. */
export function tableName(dataSource: DataSource, entity: ObjectType<ObjectLiteral>): string {
  return dataSource
    .getMetadata(entity)
    .tablePath.split('.')
    .map((part) => dataSource.driver.escape(part))
    .join('.');
}
