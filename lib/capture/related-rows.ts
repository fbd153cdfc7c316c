import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { SqlText } from './sql-text.js';
import type { Row } from './tracked-table.js';

/** Reads the rows that references point to beside the rows that refer to them, with a join each. */
export class RelatedRows {
  constructor(private readonly references: readonly RelationMetadata[]) {}

  get isEmpty(): boolean {
    return this.references.length === 0;
  }

  /** What is selected of the related rows. Their names are no column's of the rows that refer. */
  columns(sql: SqlText): string[] {
    return this.references.flatMap(({ inverseEntityMetadata }, index) =>
      inverseEntityMetadata.columns.map((_, position) => sql.name(alias(index, position))),
    );
  }

  /**
   * Soft-deleted rows are not shown, as TypeORM does not load them.
   *
   * @param referring - the SQL of a column of the rows that refer
   */
  joins(sql: SqlText, referring: (column: ColumnMetadata) => string): string {
    return this.references.map((relation, index) => this.join(sql, relation, index, referring)).join('');
  }

  /** What a row of the result says of them, by the name of the relation; `null` for one that refers to nothing. */
  of(row: Row): Map<string, Row | null> {
    return new Map(
      this.references.map(({ propertyName, inverseEntityMetadata }, index) => {
        const { columns, primaryColumns } = inverseEntityMetadata;
        const related: Record<string, unknown> = {};
        columns.forEach(({ databaseName }, position) => {
          related[databaseName] = row[alias(index, position)];
        });
        const isThere = primaryColumns.some(({ databaseName }) => related[databaseName] !== null);
        return [propertyName, isThere ? related : null];
      }),
    );
  }

  private join(
    sql: SqlText,
    { joinColumns, inverseEntityMetadata }: RelationMetadata,
    index: number,
    referring: (column: ColumnMetadata) => string,
  ): string {
    const { columns, deleteDateColumn } = inverseEntityMetadata;
    const selected = columns.map(
      ({ databaseName }, position) => `${sql.name(databaseName)} AS ${sql.name(alias(index, position))}`,
    );
    const where = deleteDateColumn ? ` WHERE ${sql.name(deleteDateColumn.databaseName)} IS NULL` : '';
    const conditions = joinColumns.map((column) => {
      const position = columns.indexOf(column.referencedColumn as ColumnMetadata);
      return `${sql.name(alias(index, position))} = ${referring(column)}`;
    });
    return (
      ` LEFT JOIN (SELECT ${selected.join(', ')} FROM ${sql.table(inverseEntityMetadata)}${where}) webhooks_${index}` +
      ` ON ${conditions.join(' AND ')}`
    );
  }
}

function alias(relation: number, column: number): string {
  return `webhooks_related_${relation}_${column}`;
}
