import { TemplateError } from '../template-error.js';
import { MAX_SOURCE_LENGTH } from '../template-limits.js';
import { nunjucksSyntax } from './nunjucks-syntax.js';
import type { SyntaxNode } from './syntax-node.js';
import { TemplateParser } from './template-parser.js';

/**
 * Parses a template's source into nunjucks' syntax tree.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_SYNTAX`, `_FORBIDDEN` or `_LIMIT`, with line and column.
 */
export function parseTemplate(source: string): SyntaxNode {
  if (source.length > MAX_SOURCE_LENGTH) {
    throw new TemplateError(
      'WEBHOOKS_TEMPLATE_LIMIT',
      `The template has ${source.length} characters; ${MAX_SOURCE_LENGTH} are allowed.`,
    );
  }
  const tokens = nunjucksSyntax.lex(source);
  try {
    return new TemplateParser(tokens).parseAsRoot();
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    throw new TemplateError(
      'WEBHOOKS_TEMPLATE_SYNTAX',
      sentence(error),
      positionOf(error) ?? { line: tokens.lineno + 1, column: tokens.colno + 1 },
      { cause: error },
    );
  }
}

function positionOf(error: unknown): { line: number; column: number } | undefined {
  const { lineno, colno } = error as { lineno?: unknown; colno?: unknown };
  return typeof lineno === 'number' && typeof colno === 'number'
    ? { line: lineno, column: colno }
    : undefined;
}

// The parser meets the end of an unfinished template as a TypeError of its own, whose text says nothing.
function sentence(error: unknown): string {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) {
    return 'The template ends unexpectedly or is malformed here.';
  }
  const named = error.message.replace(/^parse\w+: /, '').replace('expected variable end', 'expected "}}"');
  const message = named.length > 200 ? `${named.slice(0, 200)}…` : named;
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
