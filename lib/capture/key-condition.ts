const EQUALITY = /^("(?:[^"]|"")+") = :\w+$/;

/**
 * Whether a condition of PostgreSQL as TypeORM writes it, ` WHERE ` included, is one of equalities with values of which
 * some are the whole key: then there is one row at most, and no value changes how it is best found.
 *
 * @param keyNames - escaped names of the key's columns
 */
export function namesOneRow(where: string, keyNames: readonly string[]): boolean {
  const [, condition = ''] = /^ WHERE \(?(.*?)\)?$/s.exec(where) ?? [];
  const names = condition.split(' AND ').map((part) => EQUALITY.exec(part)?.[1]);
  return !names.includes(undefined) && keyNames.every((name) => names.includes(name));
}
