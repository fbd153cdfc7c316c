import type { Sql } from '../../model/sql.js';
import { firstIdAt } from '../../common/id-time.js';

/** How far the clocks of the processes that make ids may be from the database's, in milliseconds. */
const SKEW = 600_000;

/** Conditions on a time column that the order of ids answers as well: no index of times is needed. */
export function madeBetween(
  sql: Sql,
  column: string,
  { since, until }: { readonly since?: Date; readonly until?: Date },
): string[] {
  const id = sql.name('id');
  const time = sql.name(column);
  return [
    ...(since === undefined
      ? []
      : [
          `${id} >= ${sql.value(firstIdAt(new Date(since.getTime() - SKEW)))}`,
          `${time} >= ${sql.value(since.getTime())}`,
        ]),
    ...(until === undefined
      ? []
      : [
          `${id} < ${sql.value(firstIdAt(new Date(until.getTime() + SKEW)))}`,
          `${time} < ${sql.value(until.getTime())}`,
        ]),
  ];
}

/** A condition that a column has this value; none if no value is given. */
export function equal(sql: Sql, column: string, value: string | undefined, alias = ''): string[] {
  return value === undefined ? [] : [`${alias}${sql.name(column)} = ${sql.value(value)}`];
}
