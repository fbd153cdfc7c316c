const BETWEEN = '\u001f';
const NO_TEXT = '\u001e';

/** A list of texts as one parameter of a PostgreSQL statement. */
export interface TextList {
  readonly value: string | readonly (string | null)[];
  /** The expression that makes `text[]` of the parameter. */
  sql(parameter: string): string;
}

/**
 * Joins texts to one where control characters allow it: in the text of an array each quote of each JSON is escaped, by
 * the driver and again by the server, which costs more than storing it.
 */
export function textList(values: readonly (string | null)[]): TextList {
  const joined = values.map((value) => value ?? NO_TEXT).join(BETWEEN);
  // One empty text would come back as no text at all.
  const isExact =
    joined !== '' && values.every((value) => value !== NO_TEXT && value?.includes(BETWEEN) !== true);
  return isExact
    ? { value: joined, sql: (parameter) => `string_to_array(${parameter}::text, E'\\x1f', E'\\x1e')` }
    : { value: values, sql: (parameter) => `${parameter}::text[]` };
}
