import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import {
  ImagingShape,
  OWN_PREFIX,
  ROWS,
  VERSION,
  type ImagingScope,
  type StatementWriter,
} from './imaging-shape.js';
import type { Row } from './tracked-table.js';

const TOTAL = `${OWN_PREFIX}total`;
const PLACE = `${OWN_PREFIX}place`;

/**
 * For servers whose RETURNING knows rows only as they are: the UPDATE is joined with its own rows, which a subquery has
 * locked and read before.
 */
export class SelfJoinedShape extends ImagingShape {
  protected writer(scope: ImagingScope): StatementWriter {
    const [begin, end] = this.from(scope);
    const own = [...this.returned(), ...this.returnedOf(scope)].join(', ');
    return ({ head, where, returning }) => `${head}${begin}${where}${end} RETURNING ${own}${returning}`;
  }

  ordered(rows: readonly Row[]): readonly Row[] {
    return rows.toSorted((row, other) => Number(row[PLACE]) - Number(other[PLACE]));
  }

  /** A row whose key another transaction has changed since the statement began is locked, and then not found. */
  misses(rows: readonly Row[]): boolean {
    const total = rows[0]?.[TOTAL];
    return total !== undefined && Number(total) !== rows.length;
  }

  /** The FROM and WHERE, around the condition of the statement. */
  private from({ changing, maxRows }: ImagingScope): [begin: string, end: string] {
    const { sql, table, related } = this;
    const own = ({ databaseName }: { readonly databaseName: string }) =>
      `${sql.name(table.root.tableName)}.${sql.name(databaseName)}`;
    const locked = [
      ...table.keyColumns.map((column) => `${own(column)} AS ${this.key(column)}`),
      ...(related.isEmpty ? [] : [`${own({ databaseName: 'xmin' })} AS ${sql.name(VERSION)}`]),
      ...related.columns(sql),
      ...changing.map((column) => `${own(column)} AS ${sql.name(column.before)}`),
    ];
    const select = `SELECT ${locked.join(', ')} FROM ${sql.table(table.root)}${related.joins(sql, own)}`;
    const lock = `${this.lock} OF ${sql.name(table.root.tableName)}`;
    const rows = sql.name(ROWS);
    const sameKey = table.keyColumns
      .map((column) => `${sql.name(column.databaseName)} = ${this.key(column)}`)
      .join(' AND ');
    if (maxRows === undefined) return [` FROM (${select}`, `${lock}) ${rows} WHERE ${sameKey}`];
    const order = ` ORDER BY ${sql.columns(table.keyColumns)} LIMIT ${maxRows + 1}`;
    const counted = `SELECT *, count(*) OVER () AS ${sql.name(TOTAL)}, row_number() OVER () AS ${sql.name(PLACE)}`;
    return [
      ` FROM (${counted} FROM (${select}`,
      `${order}${lock}) locked) ${rows} WHERE ${sameKey} AND ${sql.name(TOTAL)} <= ${maxRows}`,
    ];
  }

  /** What it returns whatever it changes. */
  private returned(): string[] {
    const { sql, related, columns } = this;
    return [
      ...columns.map(({ databaseName, after }) => `${sql.name(databaseName)} AS ${sql.name(after)}`),
      ...related.columns(sql),
      ...this.isSeen(sql.name(VERSION), (column) => this.key(column)),
    ];
  }

  private returnedOf({ changing, maxRows }: ImagingScope): string[] {
    const names = changing.map(({ before }) => before);
    return [...names, ...(maxRows === undefined ? [] : [TOTAL, PLACE])].map((name) => this.sql.name(name));
  }

  private key(column: ColumnMetadata): string {
    return this.sql.name(`${OWN_PREFIX}key_${this.table.keyColumns.indexOf(column)}`);
  }
}
