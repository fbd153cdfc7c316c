import type { DataSource } from 'typeorm';
import type { Sql } from '../../model/sql.js';
import { timeOfId } from '../../common/id-time.js';
import type { PageOf, PageRequest } from './page-of.js';

/** Rows that one page looks at when its filter is not one that an index answers. */
const WINDOW = 10_000;
/** The same, when something is looked up in another table for each row. */
const FAR_WINDOW = 3_000;

/** A list in the order of ids, newest first, as SQL. */
export interface Search {
  /** Escaped name of the table. */
  readonly table: string;
  /** Escaped columns to read. */
  readonly columns: string;
  /** Alternative conditions, each of which an index answers in the order of ids. At least one; may be empty texts. */
  readonly branches: readonly ((sql: Sql) => string)[];
  /** What else must hold, about the row `d`; empty if nothing. */
  readonly residual: (sql: Sql) => string;
  /** Whether the residual looks into another table. */
  readonly isFar?: boolean;
}

/**
 * Reads a page. What an index answers is read from it in order; for the rest, a bounded number of rows is looked at,
 * so that a page has a bounded cost whatever is searched for in however many rows.
 */
export async function windowedSearch<Row extends { id: string }>(
  dataSource: DataSource,
  newSql: () => Sql,
  search: Search,
  { cursor, limit }: PageRequest,
): Promise<PageOf<Row>> {
  const windowed = search.residual(newSql()) !== '';
  const boundary = windowed ? await windowEnd(dataSource, newSql(), search, cursor) : undefined;
  const sql = newSql();
  const id = sql.name('id');
  const branches = search.branches.map((branch) =>
    ordered(
      sql,
      search,
      search.columns,
      [branch(sql), before(sql, cursor), from(sql, boundary?.id)],
      windowed ? windowOf(search) : limit + 1,
    ),
  );
  const residual = search.residual(sql);
  const rows = await dataSource.query<Row[]>(
    `SELECT d.* FROM (${branches.join(' UNION ALL ')}) AS d${residual === '' ? '' : ` WHERE ${residual}`}
     ORDER BY d.${id} DESC LIMIT ${limit + 1}`,
    sql.parameters,
  );
  const items = rows.slice(0, limit);
  if (rows.length > limit) return { items, next: items.at(-1)?.id ?? null, searchedTo: null };
  if (boundary === undefined || boundary.isEnd) return { items, next: null, searchedTo: null };
  return { items, next: boundary.id, searchedTo: timeOfId(boundary.id) };
}

/** The last id that this page looks at. */
async function windowEnd(
  dataSource: DataSource,
  sql: Sql,
  search: Search,
  cursor: string | undefined,
): Promise<{ id: string; isEnd: boolean } | undefined> {
  const id = sql.name('id');
  const window = windowOf(search);
  const branches = search.branches.map((branch) =>
    ordered(sql, search, id, [branch(sql), before(sql, cursor)], window),
  );
  const [row] = await dataSource.query<{ last: string | null; count: string | number }[]>(
    `SELECT MIN(k.${id}) AS ${sql.name('last')}, COUNT(*) AS ${sql.name('count')} FROM (
       SELECT b.${id} FROM (${branches.join(' UNION ALL ')}) AS b ORDER BY b.${id} DESC LIMIT ${window}) AS k`,
    sql.parameters,
  );
  if (row === undefined || row.last === null) return undefined;
  return { id: row.last, isEnd: Number(row.count) < window };
}

function windowOf({ isFar = false }: Search): number {
  return isFar ? FAR_WINDOW : WINDOW;
}

function ordered(
  sql: Sql,
  { table }: Search,
  columns: string,
  conditions: readonly string[],
  limit: number,
): string {
  const where = conditions.filter((condition) => condition !== '');
  return `SELECT * FROM (SELECT ${columns} FROM ${table}${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`}
    ORDER BY ${sql.name('id')} DESC LIMIT ${limit}) AS branch`;
}

function before(sql: Sql, cursor: string | undefined): string {
  return cursor === undefined ? '' : `${sql.name('id')} < ${sql.value(cursor)}`;
}

function from(sql: Sql, id: string | undefined): string {
  return id === undefined ? '' : `${sql.name('id')} >= ${sql.value(id)}`;
}
