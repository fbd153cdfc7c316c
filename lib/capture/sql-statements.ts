import type { CaptureDialect } from './capture-dialect.js';
import { replaceLiterals } from './sql-literals.js';

type Dialect = CaptureDialect['name'];

/** A table as SQL names it, in lower case. */
export interface WrittenTable {
  readonly schema: string | undefined;
  readonly table: string;
}

/** First words of statements that write nothing, which are nearly all. */
const READS =
  /^\s*(?:select|start|begin|commit|rollback|savepoint|release|set|show|explain|pragma|create|alter|drop)\b/i;
/** What has statements within, that run later. */
const ROUTINE =
  /^\s*create\s+(?:or\s+replace\s+)?(?:definer\s*=\s*\S+\s+)?(?:(?:temp|temporary|constraint|aggregate)\s+)*(?:trigger|function|procedure|event)\b/i;

const NAME = '(?:"[^"]+"|`[^`]+`|[\\w$]+)';
const WRITES = new RegExp(
  '\\b(?:insert\\s+(?:ignore\\s+|or\\s+\\w+\\s+)?into|replace\\s+into|update(?:\\s+ignore|\\s+or\\s+\\w+|\\s+only)?|' +
    'delete\\s+from(?:\\s+only)?|truncate(?:\\s+table)?(?:\\s+only)?|merge\\s+into|copy)' +
    `\\s+(?:(?:${NAME}\\s*\\.\\s*)?(${NAME})\\s*\\.\\s*)?(${NAME})`,
  'gi',
);

/** Whether SQL is one statement that writes nothing, which a glance at its first word tells. */
export function onlyReads(sql: string): boolean {
  return READS.test(sql) && !sql.includes(';');
}

/** The tables that SQL names as those it writes to. Looks at words, not at grammar: made for warnings, not for proof. */
export function writtenTables(sql: string, dialect: Dialect): WrittenTable[] {
  if (onlyReads(sql)) return [];
  const statements = withoutLiterals(sql, dialect).split(';');
  const routine = statements.findIndex((statement) => ROUTINE.test(statement));
  // The statements that seem to follow are the routine's.
  const run = routine === -1 ? statements : statements.slice(0, routine);
  return run.filter((statement) => !READS.test(statement)).flatMap(namedIn);
}

/** The tables that any statement within some code, such as a trigger's, names as those it writes to. */
export function tablesNamed(code: string, dialect: Dialect): WrittenTable[] {
  return namedIn(withoutLiterals(code, dialect));
}

/** What is common to a statement whatever its values: the log names each shape once. */
export function statementShape(sql: string, dialect: Dialect): string {
  return replaceLiterals(sql, dialect, () => '?')
    .replace(/\$\d+|\b0x[\da-f]+\b|\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gi, '?')
    .replace(/\?(?:\s*,\s*\?)+/g, '?, …')
    .replace(/\(\?, …\)(?:\s*,\s*\(\?, …\))+/g, '(?, …), …')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}

function namedIn(code: string): WrittenTable[] {
  return [...code.matchAll(WRITES)].map(([, schema, table]) => ({
    schema: schema === undefined ? undefined : plainName(schema),
    table: plainName(table ?? ''),
  }));
}

/** What is in dollar quotes is mostly code, and a word in MySQL's double quotes is a name under ANSI_QUOTES. */
function withoutLiterals(sql: string, dialect: Dialect): string {
  return replaceLiterals(sql, dialect, (literal) => {
    if (literal.startsWith('$'))
      return withoutLiterals(literal.replaceAll(/^\$\w*\$|\$\w*\$$/g, ' '), dialect);
    return /^"[\w$]+"$/.test(literal) ? literal : "''";
  });
}

function plainName(name: string): string {
  return name.replace(/^["`]|["`]$/g, '').toLowerCase();
}
