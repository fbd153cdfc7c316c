import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import {
  OWN_PREFIX,
  ROWS,
  VERSION,
  type ImagedColumn,
  type ImagingScope,
  type StatementWriter,
} from './imaging-shape.js';
import { SelfJoinedShape } from './self-joined-shape.js';

const [OLD, NEW] = [`${OWN_PREFIX}old`, `${OWN_PREFIX}new`];

/**
 * For servers whose RETURNING knows rows as they were and as they are: PostgreSQL from 18. One row is changed without a
 * join. Several are locked in the order of their keys first, as on other servers: transactions that change the same
 * ones would block each other more often.
 */
export class OldAndNewShape extends SelfJoinedShape {
  protected override writer(scope: ImagingScope): StatementWriter {
    if (scope.maxRows !== undefined) return super.writer(scope);
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
    const [begin, end] = related.isEmpty ? ['', ''] : this.beside();
    return ({ head, where, returning }) =>
      `${begin}${head}${where} RETURNING WITH (OLD AS ${old}, NEW AS ${current}) ${own}${returning}${end}`;
  }

  /** Around the UPDATE: reads beside it what its row refers to. */
  private beside(): [begin: string, end: string] {
    const { sql, related } = this;
    const rows = sql.name(ROWS);
    const after = ({ databaseName }: ColumnMetadata) =>
      `${rows}.${sql.name(this.columnNamed(databaseName).after)}`;
    const selected = [
      `${rows}.*`,
      ...related.columns(sql),
      ...this.isSeen(`${rows}.${sql.name(VERSION)}`, after),
    ];
    return [`WITH ${rows} AS (`, `) SELECT ${selected.join(', ')} FROM ${rows}${related.joins(sql, after)}`];
  }

  private columnNamed(name: string): ImagedColumn {
    return this.columns.find(({ databaseName }) => databaseName === name) as ImagedColumn;
  }
}
