import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { CaptureDialect } from './capture-dialect.js';
import type { Image, LinkedKeys } from './image.js';
import type { SqlText } from './sql-text.js';
import type { Key, Row, TrackedTable } from './tracked-table.js';

const OBJECT = 'object';

/**
 * Reads as much of an object as the database gives in one statement: its row, and where neither locks nor the lack of
 * lists stand in the way, what its many-to-many relations point to and the rows that its declared relations refer to.
 */
export class ImageStatement {
  readonly hasLinks: boolean;
  private readonly references: readonly RelationMetadata[];

  constructor(
    private readonly dialect: CaptureDialect,
    private readonly table: TrackedTable,
  ) {
    this.hasLinks = dialect.arrays;
    // A locking read would lock the related rows as well.
    this.references = dialect.lock.reread === '' ? table.plainReferences : [];
  }

  text(sql: SqlText, keys: readonly Key[]): string {
    const { columns, keyColumns, root, manyToMany } = this.table;
    const own = columns.map((column) => `${OBJECT}.${sql.name(column.databaseName)}`);
    const lists = this.hasLinks
      ? manyToMany.flatMap((relation, index) => linkLists(sql, relation, index))
      : [];
    const related = this.references.flatMap(({ inverseEntityMetadata }, index) =>
      inverseEntityMetadata.columns.map(
        (column, position) =>
          `r${index}.${sql.name(column.databaseName)} AS ${sql.name(relatedAlias(index, position))}`,
      ),
    );
    const joins = this.references.map((relation, index) => join(sql, relation, index));
    return (
      `SELECT ${[...own, ...lists, ...related].join(', ')} FROM ${sql.table(root)} ${OBJECT}${joins.join('')}` +
      ` WHERE ${sql.oneOf(keyColumns, keys, OBJECT)}${this.dialect.lock.reread}`
    );
  }

  image(row: Row): Image {
    const links = new Map<string, LinkedKeys>();
    if (this.hasLinks) {
      this.table.manyToMany.forEach((relation, index) =>
        links.set(relation.propertyPath, linksOf(row, relation, index)),
      );
    }
    if (this.references.length === 0) return { row, links };
    return {
      row,
      links,
      related: new Map(
        this.references.map((relation, index) => [relation.propertyName, relatedRow(row, relation, index)]),
      ),
    };
  }
}

/** One list a column of the related key, each in the same order. */
function linkLists(sql: SqlText, { junctionEntityMetadata }: RelationMetadata, index: number): string[] {
  const junction = junctionEntityMetadata as EntityMetadata;
  const owned = junction.ownerColumns.map(
    (column) => `link.${sql.name(column.databaseName)} = ${OBJECT}.${sql.name(referencedName(column))}`,
  );
  const order = junction.inverseColumns.map((column) => `link.${sql.name(column.databaseName)}`).join(', ');
  return junction.inverseColumns.map(
    (column, position) =>
      `ARRAY(SELECT link.${sql.name(column.databaseName)} FROM ${sql.table(junction)} link` +
      ` WHERE ${owned.join(' AND ')} ORDER BY ${order}) AS ${sql.name(linkAlias(index, position))}`,
  );
}

function linksOf(row: Row, relation: RelationMetadata, index: number): unknown[][] {
  const columns = relation.junctionEntityMetadata?.inverseColumns ?? [];
  const lists = columns.map((_, position) => row[linkAlias(index, position)] as unknown[]);
  return (lists[0] ?? []).map((_, item) => lists.map((list) => list[item]));
}

/** Soft-deleted rows are not shown, as TypeORM does not load them. */
function join(sql: SqlText, { joinColumns, inverseEntityMetadata }: RelationMetadata, index: number): string {
  const { deleteDateColumn } = inverseEntityMetadata;
  const conditions = joinColumns.map(
    (column) => `r${index}.${sql.name(referencedName(column))} = ${OBJECT}.${sql.name(column.databaseName)}`,
  );
  if (deleteDateColumn) conditions.push(`r${index}.${sql.name(deleteDateColumn.databaseName)} IS NULL`);
  return ` LEFT JOIN ${sql.table(inverseEntityMetadata)} r${index} ON ${conditions.join(' AND ')}`;
}

function relatedRow(row: Row, { inverseEntityMetadata }: RelationMetadata, index: number): Row | null {
  const { columns, primaryColumns } = inverseEntityMetadata;
  const related: Record<string, unknown> = {};
  columns.forEach(({ databaseName }, position) => {
    related[databaseName] = row[relatedAlias(index, position)];
  });
  return primaryColumns.every(({ databaseName }) => related[databaseName] === null) ? null : related;
}

function referencedName({ referencedColumn }: ColumnMetadata): string {
  return referencedColumn?.databaseName ?? '';
}

function linkAlias(relation: number, column: number): string {
  return `webhooks_link_${relation}_${column}`;
}

function relatedAlias(relation: number, column: number): string {
  return `webhooks_related_${relation}_${column}`;
}
