import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { CaptureDialect } from './capture-dialect.js';
import { NO_LINKS, type Image } from './image.js';
import { RelatedRows } from './related-rows.js';
import type { SqlText } from './sql-text.js';
import type { Key, Row, TrackedTable } from './tracked-table.js';

const OBJECT = 'object';

/**
 * Reads as much of an object as the database gives in one statement: its row, and where neither locks nor the lack of
 * lists stand in the way, what its many-to-many relations point to and the rows that its declared relations refer to.
 */
export class ImageStatement {
  readonly hasLinks: boolean;
  private readonly related: RelatedRows;

  constructor(
    private readonly dialect: CaptureDialect,
    private readonly table: TrackedTable,
  ) {
    this.hasLinks = dialect.arrays;
    // A locking read would lock the related rows as well.
    this.related = new RelatedRows(dialect.lock.reread === '' ? table.plainReferences : []);
  }

  text(sql: SqlText, keys: readonly Key[]): string {
    const { columns, keyColumns, root, manyToMany } = this.table;
    const own = columns.map((column) => `${OBJECT}.${sql.name(column.databaseName)}`);
    const lists = this.hasLinks
      ? manyToMany.flatMap((relation, index) => linkLists(sql, relation, index))
      : [];
    const joins = this.related.joins(sql, ({ databaseName }) => `${OBJECT}.${sql.name(databaseName)}`);
    return (
      `SELECT ${[...own, ...lists, ...this.related.columns(sql)].join(', ')} FROM ${sql.table(root)} ${OBJECT}${joins}` +
      ` WHERE ${sql.oneOf(keyColumns, keys, OBJECT)}${this.dialect.lock.reread}`
    );
  }

  image(row: Row): Image {
    const { manyToMany } = this.table;
    const links =
      this.hasLinks && manyToMany.length > 0
        ? new Map(manyToMany.map((relation, index) => [relation.propertyPath, linksOf(row, relation, index)]))
        : NO_LINKS;
    return this.related.isEmpty ? { row, links } : { row, links, related: this.related.of(row) };
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
      `ARRAY(SELECT link.${sql.name(column.databaseName)}${READ_AS_LISTS.has(sql.type(column)) ? '' : '::text'}` +
      ` FROM ${sql.table(junction)} link WHERE ${owned.join(' AND ')} ORDER BY ${order})` +
      ` AS ${sql.name(linkAlias(index, position))}`,
  );
}

/** Types of which the driver reads a list as it reads single values. Of others it has none, or makes other numbers. */
const READ_AS_LISTS: ReadonlySet<string> = new Set(
  [
    ['integer', 'int', 'int2', 'int4', 'int8', 'smallint', 'bigint'],
    ['character varying', 'varchar', 'character', 'text', 'uuid'],
    ['date', 'timestamp', 'timestamp without time zone', 'timestamptz', 'timestamp with time zone', 'bytea'],
  ].flat(),
);

function linksOf(row: Row, relation: RelationMetadata, index: number): unknown[][] {
  const columns = relation.junctionEntityMetadata?.inverseColumns ?? [];
  const lists = columns.map((_, position) => row[linkAlias(index, position)] as unknown[]);
  return (lists[0] ?? []).map((_, item) => lists.map((list) => list[item]));
}

function referencedName({ referencedColumn }: ColumnMetadata): string {
  return referencedColumn?.databaseName ?? '';
}

function linkAlias(relation: number, column: number): string {
  return `webhooks_link_${relation}_${column}`;
}
