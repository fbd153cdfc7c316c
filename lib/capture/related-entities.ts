import type { DataSource, EntityMetadata, ObjectLiteral, QueryRunner } from 'typeorm';
import type { Key, TrackedTable } from './tracked-table.js';

const ALIAS = 'object';

/** Loads objects of one entity with its declared relations: one statement, whatever their number. */
export async function loadRelatedEntities(
  dataSource: DataSource,
  runner: QueryRunner,
  { table, kind, keys }: { table: TrackedTable; kind: EntityMetadata; keys: readonly Key[] },
): Promise<Map<string, object>> {
  const query = dataSource.createQueryBuilder<ObjectLiteral>(kind.target, ALIAS, runner);
  const aliases = new Map([['', ALIAS]]);
  for (const path of table.entityOf(kind).relations) joinPath(path);
  // After the joins, so that it holds for the objects only: soft-deleted relations stay hidden.
  query.withDeleted().whereInIds(keys.map((key) => idMap(table, key)));
  const entities = new Map<string, object>();
  for (const entity of await query.getMany()) {
    const key = table.keyOfEntity(entity);
    if (key) entities.set(table.keyText(key), entity);
  }
  return entities;

  function joinPath(path: string): string {
    const known = aliases.get(path);
    if (known !== undefined) return known;
    const end = path.lastIndexOf('.');
    const property = path.slice(end + 1);
    const alias = `related_${aliases.size}`;
    query.leftJoinAndSelect(`${joinPath(path.slice(0, Math.max(end, 0)))}.${property}`, alias);
    aliases.set(path, alias);
    return alias;
  }
}

function idMap(table: TrackedTable, key: Key): ObjectLiteral {
  const values = table.hydratedKey(key);
  const map: ObjectLiteral = {};
  table.keyColumns.forEach((column, index) => column.setEntityValue(map, values[index]));
  return map;
}
