import type { DataSource, EntityMetadata, ObjectLiteral, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { CaptureTools } from './capture-tools.js';
import { entityFromImage } from './entity-from-image.js';
import { NO_LINKS, type Image } from './image.js';
import { settleLazyRelations } from './lazy-relations.js';
import { keyValuesText, type TrackedTable } from './tracked-table.js';

const ALIAS = 'object';

/** Gives the related objects of one object, by the name of the relation. */
export type RelatedObjects = (keyText: string, image: Image) => Readonly<Record<string, unknown>>;

/**
 * Loads the declared relations of objects of one entity, whatever their number: what several refer to is loaded once,
 * what refers to them with one join.
 */
export async function loadRelatedObjects(
  tools: CaptureTools,
  runner: QueryRunner,
  { table, kind, images }: { table: TrackedTable; kind: EntityMetadata; images: ReadonlyMap<string, Image> },
): Promise<RelatedObjects> {
  const { dataSource } = tools;
  const referred: ((image: Image) => Record<string, unknown>)[] = [];
  const joined: string[] = [];
  for (const [name, paths] of byFirstPart(table.entityOf(kind).relations)) {
    const relation = kind.findRelationWithPropertyPath(name);
    const came = [...images.values()].every(
      ({ related = {} }) => relation !== undefined && Object.hasOwn(related, relation.propertyName),
    );
    if (relation !== undefined && came) {
      referred.push(relatedThatCame(dataSource, relation));
      continue;
    }
    if (relation === undefined || !relation.isWithJoinColumn)
      joined.push(name, ...paths.map((path) => `${name}.${path}`));
    else if (table.plainReferences.includes(relation))
      referred.push(await readReferred(tools, runner, relation, [...images.values()]));
    else
      referred.push(
        await loadReferred(dataSource, runner, { relation, paths, images: [...images.values()] }),
      );
  }
  const owners =
    joined.length === 0
      ? undefined
      : await loadJoined(dataSource, runner, { table, kind, images, paths: joined });
  return (keyText, image) => Object.assign({}, ...referred.map((read) => read(image)), owners?.get(keyText));
}

/** Makes entities of related rows that were read with their objects; one for all that refer to it. */
function relatedThatCame(
  dataSource: DataSource,
  { propertyName, inverseEntityMetadata }: RelationMetadata,
): (image: Image) => Record<string, unknown> {
  const made = new Map<string, object>();
  return ({ related }) => {
    const row = related?.[propertyName] ?? null;
    if (row === null) return { [propertyName]: null };
    const { primaryColumns } = inverseEntityMetadata;
    const text = keyValuesText(primaryColumns.map(({ databaseName }) => row[databaseName]));
    let entity = made.get(text);
    if (entity === undefined) {
      entity = entityFromImage(dataSource, inverseEntityMetadata, { row, links: NO_LINKS });
      made.set(text, entity);
    }
    return { [propertyName]: entity };
  };
}

/** Reads rows that are all there is to know of what objects refer to. */
async function readReferred(
  { dataSource, reader }: CaptureTools,
  runner: QueryRunner,
  { joinColumns, propertyName, inverseEntityMetadata }: RelationMetadata,
  images: readonly Image[],
): Promise<(image: Image) => Record<string, unknown>> {
  const { columns, deleteDateColumn } = inverseEntityMetadata;
  const where = joinColumns.flatMap(({ referencedColumn }) => referencedColumn ?? []);
  const referring = ({ row }: Image) => joinColumns.map(({ databaseName }) => row[databaseName]);
  const among = new Map<string, unknown[]>();
  for (const image of images) {
    const values = referring(image);
    if (values.every((value) => value !== null)) among.set(keyValuesText(values), values);
  }
  const rows = await reader.rows(runner, inverseEntityMetadata, {
    select: columns,
    where,
    among: [...among.values()],
    lock: 'show',
  });
  const found = new Map<string, object>();
  for (const row of rows) {
    if (deleteDateColumn && row[deleteDateColumn.databaseName] !== null) continue;
    const entity = entityFromImage(dataSource, inverseEntityMetadata, { row, links: NO_LINKS });
    found.set(keyValuesText(where.map(({ databaseName }) => row[databaseName])), entity);
  }
  return (image) => ({ [propertyName]: found.get(keyValuesText(referring(image))) ?? null });
}

async function loadReferred(
  dataSource: DataSource,
  runner: QueryRunner,
  {
    relation,
    paths,
    images,
  }: { relation: RelationMetadata; paths: readonly string[]; images: readonly Image[] },
): Promise<(image: Image) => Record<string, unknown>> {
  const { joinColumns, propertyName, inverseEntityMetadata } = relation;
  const referenced = joinColumns.map(({ referencedColumn, databaseName }) => ({
    referencedColumn,
    databaseName,
  }));
  const textOf = ({ row }: Image) =>
    JSON.stringify(referenced.map(({ databaseName }) => String(row[databaseName])));
  const wheres = new Map<string, ObjectLiteral>();
  for (const image of images) {
    if (referenced.some(({ databaseName }) => image.row[databaseName] === null)) continue;
    const where: ObjectLiteral = {};
    for (const { referencedColumn, databaseName } of referenced) {
      referencedColumn?.setEntityValue(
        where,
        dataSource.driver.prepareHydratedValue(image.row[databaseName], referencedColumn),
      );
    }
    wheres.set(textOf(image), where);
  }
  const found = new Map<string, unknown>();
  if (wheres.size > 0) {
    const query = dataSource.createQueryBuilder<ObjectLiteral>(inverseEntityMetadata.target, ALIAS, runner);
    joinPaths(query, paths);
    const { driver } = dataSource;
    for (const entity of await query.where([...wheres.values()]).getMany()) {
      settleLazyRelations(inverseEntityMetadata, entity);
      const values = referenced.map(({ referencedColumn: column }) =>
        column === undefined
          ? undefined
          : (driver.preparePersistentValue(column.getEntityValue(entity), column) as unknown),
      );
      found.set(JSON.stringify(values.map(String)), entity);
    }
  }
  return (image) => ({ [propertyName]: found.get(textOf(image)) ?? null });
}

async function loadJoined(
  dataSource: DataSource,
  runner: QueryRunner,
  options: {
    table: TrackedTable;
    kind: EntityMetadata;
    images: ReadonlyMap<string, Image>;
    paths: readonly string[];
  },
): Promise<Map<string, Record<string, unknown>>> {
  const { table, kind, images, paths } = options;
  const query = dataSource.createQueryBuilder<ObjectLiteral>(kind.target, ALIAS, runner);
  query.select(table.keyColumns.map(({ propertyPath }) => `${ALIAS}.${propertyPath}`));
  joinPaths(query, paths);
  // After the joins, so that it holds for the objects only: soft-deleted relations stay hidden.
  query.withDeleted().whereInIds([...images.values()].map(({ row }) => idMap(table, row)));
  const owners = new Map<string, Record<string, unknown>>();
  const names = paths.filter((path) => !path.includes('.'));
  for (const entity of await query.getMany()) {
    settleLazyRelations(kind, entity);
    const key = table.keyOfEntity(entity);
    if (key)
      owners.set(
        table.keyText(key),
        Object.fromEntries(names.map((name) => [name, entity[name] as unknown])),
      );
  }
  return owners;
}

function joinPaths(query: SelectQueryBuilder<ObjectLiteral>, paths: readonly string[]): void {
  const aliases = new Map([['', ALIAS]]);
  for (const path of paths) join(path);

  function join(path: string): string {
    const known = aliases.get(path);
    if (known !== undefined) return known;
    const end = Math.max(path.lastIndexOf('.'), 0);
    const alias = `related_${aliases.size}`;
    query.leftJoinAndSelect(`${join(path.slice(0, end))}.${path.slice(end).replace('.', '')}`, alias);
    aliases.set(path, alias);
    return alias;
  }
}

/** `['site', 'site.region']` is `site` with what belongs to it. */
function byFirstPart(paths: readonly string[]): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  for (const path of paths) {
    const [first = '', ...rest] = path.split('.');
    const further = parts.get(first) ?? [];
    parts.set(first, rest.length === 0 ? further : [...further, rest.join('.')]);
  }
  return parts;
}

function idMap(table: TrackedTable, row: Image['row']): ObjectLiteral {
  const values = table.hydratedKey(table.keyOf(row));
  const map: ObjectLiteral = {};
  table.keyColumns.forEach((column, index) => column.setEntityValue(map, values[index]));
  return map;
}
