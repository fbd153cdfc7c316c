import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import {
  ImagingShape,
  OWN_PREFIX,
  ROWS,
  VERSION,
  type ImagedColumn,
  type ImagingScope,
  type StatementWriter,
} from './imaging-shape.js';
import type { Row } from './tracked-table.js';

const [OLD, NEW] = [`${OWN_PREFIX}old`, `${OWN_PREFIX}new`];

/** For servers whose RETURNING knows rows as they were and as they are: PostgreSQL from 18. */
export class OldAndNewShape extends ImagingShape {
  protected writer(scope: ImagingScope): StatementWriter {
    const { sql, related } = this;
    const [old, current] = [sql.name(OLD), sql.name(NEW)];
    const own = [
      ...this.columns.map(
        ({ databaseName, after }) => `${current}.${sql.name(databaseName)} AS ${sql.name(after)}`,
      ),
      ...scope.changing.map(
        ({ databaseName, before }) => `${old}.${sql.name(databaseName)} AS ${sql.name(before)}`,
      ),
      ...(related.isEmpty ? [] : [`${old}.xmin AS ${sql.name(VERSION)}`]),
    ].join(', ');
    const isOne = scope.maxRows === undefined;
    const [begin, end] = isOne && related.isEmpty ? ['', ''] : this.beside(isOne);
    return ({ head, where, returning }) =>
      `${begin}${head}${this.limited(where, scope)} RETURNING WITH (OLD AS ${old}, NEW AS ${current}) ${own}` +
      `${returning}${end}`;
  }

  ordered(rows: readonly Row[]): readonly Row[] {
    return rows;
  }

  misses(): boolean {
    return false;
  }

  /** The condition of the statement; with too many rows it matches none, and locks none. */
  private limited(where: string, { maxRows }: ImagingScope): string {
    if (maxRows === undefined) return where;
    const { sql, table } = this;
    const counted = `SELECT 1 FROM ${sql.table(table.root)}${where} LIMIT ${maxRows + 1}`;
    const few = `(SELECT count(*) FROM (${counted}) counted) <= ${maxRows}`;
    return where === '' ? ` WHERE ${few}` : ` WHERE (${where.slice(WHERE.length)}) AND ${few}`;
  }

  /** Around the UPDATE: brings the rows into an order, and reads beside them what they refer to. */
  private beside(isOne: boolean): [begin: string, end: string] {
    const { sql, table, related } = this;
    const rows = sql.name(ROWS);
    const after = ({ databaseName }: ColumnMetadata) =>
      `${rows}.${sql.name(this.columnNamed(databaseName).after)}`;
    const selected = [
      `${rows}.*`,
      ...related.columns(sql),
      ...this.isSeen(`${rows}.${sql.name(VERSION)}`, after),
    ];
    const order = isOne ? '' : ` ORDER BY ${table.keyColumns.map(after).join(', ')}`;
    return [
      `WITH ${rows} AS (`,
      `) SELECT ${selected.join(', ')} FROM ${rows}${related.joins(sql, after)}${order}`,
    ];
  }

  private columnNamed(name: string): ImagedColumn {
    return this.columns.find(({ databaseName }) => databaseName === name) as ImagedColumn;
  }
}

/** How TypeORM begins a condition. */
const WHERE = ' WHERE ';
