import { createRequire } from 'node:module';
import type { SyntaxNode } from './syntax-node.js';

/** A token of nunjucks' lexer. */
export interface Token {
  readonly type: string;
  readonly value: string;
  readonly lineno: number;
  readonly colno: number;
}

/** nunjucks' lexer, in the state that its parser uses. */
export interface Tokens {
  readonly str: string;
  readonly index: number;
  readonly lineno: number;
  readonly colno: number;
  forwardN(count: number): void;
}

/** The methods of nunjucks' parser that are called or replaced here. */
export interface NunjucksParser {
  readonly tokens: Tokens;
  readonly peeked: Token | null;
  dropLeadingWhitespace: boolean;
  nextToken(withWhitespace?: boolean): Token | null;
  peekToken(): Token | null;
  skip(type: string): boolean;
  skipValue(type: string, value: string): boolean;
  skipSymbol(name: string): boolean;
  advanceAfterBlockEnd(name?: string): Token;
  advanceAfterVariableEnd(): void;
  fail(message: string, lineno?: number, colno?: number): never;
  parseAsRoot(): SyntaxNode;
  parseNodes(): SyntaxNode[];
  parseStatement(): SyntaxNode | null;
  parseUntilBlocks(...names: string[]): SyntaxNode;
  parseIf(): SyntaxNode;
  parseRaw(tagName?: string): SyntaxNode;
  parseExpression(): SyntaxNode;
  parseInlineIf(): SyntaxNode;
  parseOr(): SyntaxNode;
  parseNot(): SyntaxNode;
  parseAdd(): SyntaxNode;
  parseMul(): SyntaxNode;
  parsePow(): SyntaxNode;
  parseUnary(noFilters?: boolean): SyntaxNode;
  parsePrimary(noPostfix?: boolean): SyntaxNode;
  parsePostfix(node: SyntaxNode): SyntaxNode;
  parseAggregate(): SyntaxNode | null;
  parseSignature(tolerant?: boolean, noParens?: boolean): SyntaxNode | null;
}

type NodeClass = new (
  lineno: number | undefined,
  colno: number | undefined,
  ...fields: unknown[]
) => SyntaxNode;

interface NunjucksNodes {
  readonly Node: { extend(name: string, properties: { fields: string[] }): NodeClass };
  readonly Output: NodeClass;
  readonly TemplateData: NodeClass;
  readonly InlineIf: NodeClass;
  readonly Literal: NodeClass;
  readonly LookupVal: NodeClass;
  readonly FunCall: NodeClass;
  readonly Add: NodeClass;
  readonly Sub: NodeClass;
  readonly Mul: NodeClass;
  readonly Div: NodeClass;
  readonly FloorDiv: NodeClass;
  readonly Mod: NodeClass;
}

/** nunjucks' lexer, parser and syntax tree. */
export interface NunjucksSyntax {
  readonly Parser: new (tokens: Tokens) => NunjucksParser;
  readonly nodes: NunjucksNodes;
  readonly lex: (source: string) => Tokens;
}

const MODULES = ['lib', 'object', 'nodes', 'lexer', 'parser'];

// A host's installJinjaCompat() replaces methods of the shared parser, and what it puts there doubles the work with
// every bracket. So this room parses with its own instances, and leaves the shared ones as it found them.
function loadPrivately(): NunjucksSyntax {
  const require = createRequire(import.meta.url);
  const paths = MODULES.map((name) => require.resolve(`nunjucks/src/${name}`));
  const shared = paths.map((path) => require.cache[path]);
  try {
    for (const path of paths) delete require.cache[path];
    const parser = require('nunjucks/src/parser') as Pick<NunjucksSyntax, 'Parser'>;
    const lexer = require('nunjucks/src/lexer') as Pick<NunjucksSyntax, 'lex'>;
    const nodes = require('nunjucks/src/nodes') as NunjucksNodes;
    return { Parser: parser.Parser, lex: lexer.lex, nodes };
  } finally {
    paths.forEach((path, index) => {
      const before = shared[index];
      if (before === undefined) delete require.cache[path];
      else require.cache[path] = before;
    });
  }
}

/** A copy of nunjucks' lexer and parser that nothing else in the process can reach. Its compiler is not loaded. */
export const nunjucksSyntax: NunjucksSyntax = loadPrivately();
