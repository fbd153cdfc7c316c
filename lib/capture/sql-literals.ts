import type { CaptureDialect } from './capture-dialect.js';

type Dialect = CaptureDialect['name'];

// Each goes on to the end of the text where its own end is missing, so that nothing of it shows and none is tried twice.
const COMMENT = String.raw`\/\*[^]*?(?:\*\/|$)|--[^\n]*`;
const DOUBLING = (quote: string) => `${quote}(?:[^${quote}]+|${quote}${quote})*(?:${quote}|$)`;
const ESCAPING = (quote: string) =>
  String.raw`${quote}(?:[^${quote}\\]+|\\(?:[^]|$)|${quote}${quote})*(?:${quote}|$)`;
const DOLLARS = String.raw`(?<![\w$])(\$(?:[A-Za-z_]\w*)?\$)[^]*?(?:\1|$)`;

/** Comments, literals and quoted names, whichever comes first. */
const TOKENS: Readonly<Record<Dialect, RegExp>> = {
  postgres: anyOf(COMMENT, String.raw`\b[eE]${ESCAPING("'")}`, DOUBLING("'"), DOUBLING('"'), DOLLARS),
  mysql: anyOf(COMMENT, '#[^\\n]*', ESCAPING("'"), ESCAPING('"'), DOUBLING('`')),
  sqlite: anyOf(COMMENT, DOUBLING("'"), DOUBLING('"'), DOUBLING('`')),
};

/** SQL without its comments, and with what `replacement` gives for each literal. */
export function replaceLiterals(
  sql: string,
  dialect: Dialect,
  replacement: (literal: string) => string,
): string {
  return sql.replace(TOKENS[dialect], (token) => {
    if (/^(?:\/\*|--|#)/.test(token)) return ' ';
    const isName = token.startsWith('`') || (token.startsWith('"') && dialect !== 'mysql');
    return isName ? token : replacement(token);
  });
}

function anyOf(...parts: readonly string[]): RegExp {
  return new RegExp(parts.join('|'), 'g');
}
