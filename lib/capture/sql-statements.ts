/** A table as SQL names it, in lower case. */
export interface WrittenTable {
  readonly schema: string | undefined;
  readonly table: string;
}

/** First words of statements that write nothing, which are nearly all. */
const READS =
  /^\s*(?:select|start|begin|commit|rollback|savepoint|release|set|show|explain|pragma|create|alter|drop)\b/i;

const COMMENTS = /\/\*[\s\S]*?\*\/|--[^\n]*/g;
const STRINGS = /'(?:[^']|'')*'/g;

const NAME = '(?:"[^"]+"|`[^`]+`|[\\w$]+)';
const WRITES = new RegExp(
  '\\b(?:insert\\s+(?:ignore\\s+|or\\s+\\w+\\s+)?into|replace\\s+into|update(?:\\s+ignore|\\s+or\\s+\\w+|\\s+only)?|' +
    'delete\\s+from(?:\\s+only)?|truncate(?:\\s+table)?(?:\\s+only)?|merge\\s+into|copy)' +
    `\\s+(?:(?:${NAME}\\s*\\.\\s*)?(${NAME})\\s*\\.\\s*)?(${NAME})`,
  'gi',
);

/** The tables that SQL names as those it writes to. Looks at words, not at grammar: made for warnings, not for proof. */
export function writtenTables(sql: string): WrittenTable[] {
  if (READS.test(sql)) return [];
  const text = sql.replace(COMMENTS, ' ');
  return READS.test(text) ? [] : tablesNamed(text);
}

/** The tables that any statement within some code, such as a trigger's, names as those it writes to. */
export function tablesNamed(code: string): WrittenTable[] {
  const text = code.replace(COMMENTS, ' ').replace(STRINGS, "''");
  return [...text.matchAll(WRITES)].map(([, schema, table]) => ({
    schema: schema === undefined ? undefined : plainName(schema),
    table: plainName(table ?? ''),
  }));
}

/** What is common to a statement whatever its values: the log names each shape once. */
export function statementShape(sql: string): string {
  return sql
    .replace(COMMENTS, ' ')
    .replace(STRINGS, '?')
    .replace(/\$\d+|\b\d+(?:\.\d+)?\b/g, '?')
    .replace(/\?(?:\s*,\s*\?)+/g, '?, …')
    .replace(/\(\?, …\)(?:\s*,\s*\(\?, …\))+/g, '(?, …), …')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}

function plainName(name: string): string {
  return name.replace(/^["`]|["`]$/g, '').toLowerCase();
}
