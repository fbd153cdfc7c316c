import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { SqlText } from './sql-text.js';
import type { Row } from './tracked-table.js';

interface Reference {
  readonly relation: RelationMetadata;
  /** Of the columns of the related row, in their order. */
  readonly aliases: readonly string[];
}

/** Reads the rows that references point to beside the rows that refer to them, with a join each. */
export class RelatedRows {
  private readonly references: readonly Reference[];

  constructor(relations: readonly RelationMetadata[]) {
    this.references = relations.map((relation, index) => ({
      relation,
      aliases: relation.inverseEntityMetadata.columns.map(
        (_, position) => `webhooks_related_${index}_${position}`,
      ),
    }));
  }

  get isEmpty(): boolean {
    return this.references.length === 0;
  }

  /** What is selected of the related rows. Their names are no column's of the rows that refer. */
  columns(sql: SqlText): string[] {
    return this.references.flatMap(({ aliases }) => aliases.map((alias) => sql.name(alias)));
  }

  /**
   * Soft-deleted rows are not shown, as TypeORM does not load them.
   *
   * @param referring - the SQL of a column of the rows that refer
   */
  joins(sql: SqlText, referring: (column: ColumnMetadata) => string): string {
    return this.references.map((reference, index) => join(sql, reference, index, referring)).join('');
  }

  /** What a row of the result says of them, by the name of the relation; `null` for one that refers to nothing. */
  of(row: Row): Record<string, Row | null> {
    const rows: Record<string, Row | null> = {};
    for (const { relation, aliases } of this.references) {
      const { columns, primaryColumns } = relation.inverseEntityMetadata;
      const related: Record<string, unknown> = {};
      columns.forEach(({ databaseName }, position) => {
        related[databaseName] = row[aliases[position] as string];
      });
      const isThere = primaryColumns.some(({ databaseName }) => related[databaseName] !== null);
      rows[relation.propertyName] = isThere ? related : null;
    }
    return rows;
  }
}

function join(
  sql: SqlText,
  { relation, aliases }: Reference,
  index: number,
  referring: (column: ColumnMetadata) => string,
): string {
  const { joinColumns, inverseEntityMetadata } = relation;
  const { columns, deleteDateColumn } = inverseEntityMetadata;
  const aliasOf = (position: number) => sql.name(aliases[position] as string);
  const selected = columns.map(
    ({ databaseName }, position) => `${sql.name(databaseName)} AS ${aliasOf(position)}`,
  );
  const where = deleteDateColumn ? ` WHERE ${sql.name(deleteDateColumn.databaseName)} IS NULL` : '';
  const conditions = joinColumns.map((column) => {
    const position = columns.indexOf(column.referencedColumn as ColumnMetadata);
    return `${aliasOf(position)} = ${referring(column)}`;
  });
  return (
    ` LEFT JOIN (SELECT ${selected.join(', ')} FROM ${sql.table(inverseEntityMetadata)}${where}) webhooks_${index}` +
    ` ON ${conditions.join(' AND ')}`
  );
}
