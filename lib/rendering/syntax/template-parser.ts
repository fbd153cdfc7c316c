import { TemplateError } from '../template-error.js';
import { MAX_BRACKETS, MAX_PARSER_LEVELS, MAX_TOKENS } from '../template-limits.js';
import { nunjucksSyntax, type Token } from './nunjucks-syntax.js';
import { findRawEnd } from './find-raw-end.js';
import type { SyntaxNode } from './syntax-node.js';

const { nodes, Parser } = nunjucksSyntax;
const Slice = nodes.Node.extend('Slice', { fields: ['target', 'start', 'stop', 'step'] });
const ADDITIVE = [
  ['+', nodes.Add],
  ['-', nodes.Sub],
] as const;
const MULTIPLICATIVE = [
  ['*', nodes.Mul],
  ['/', nodes.Div],
  ['//', nodes.FloorDiv],
  ['%', nodes.Mod],
] as const;

/**
 * nunjucks' parser with bounded recursion and without its regular expressions, two of which take quadratic time.
 *
 * Where nunjucks relies on JavaScript to order operators again (its tree says `a / (b % c)` for `a / b % c`), the
 * tree is right here. Slices (`a[1:2]`) and chained inline ifs are parsed as in Jinja.
 */
export class TemplateParser extends Parser {
  #levels = 0;
  #brackets = 0;
  #tokens = 0;

  override nextToken(withWhitespace?: boolean): Token | null {
    if (this.peeked === null && ++this.#tokens > MAX_TOKENS) {
      throw this.#tooLarge(`The template has more than ${MAX_TOKENS} words and signs.`);
    }
    return super.nextToken(withWhitespace);
  }

  override parseExpression(): SyntaxNode {
    return this.#nested(() => super.parseExpression());
  }

  override parseNot(): SyntaxNode {
    return this.#nested(() => super.parseNot());
  }

  override parseUnary(noFilters?: boolean): SyntaxNode {
    return this.#nested(() => super.parseUnary(noFilters));
  }

  override parseIf(): SyntaxNode {
    return this.#nested(() => super.parseIf());
  }

  override parseUntilBlocks(...names: string[]): SyntaxNode {
    return this.#nested(() => super.parseUntilBlocks(...names));
  }

  override parseAggregate(): SyntaxNode | null {
    return this.#bracketed(() => super.parseAggregate());
  }

  override parseSignature(tolerant?: boolean, noParens?: boolean): SyntaxNode | null {
    return this.#bracketed(() => super.parseSignature(tolerant, noParens));
  }

  override parsePrimary(noPostfix?: boolean): SyntaxNode {
    const token = this.peekToken();
    if (token?.type === 'regex') {
      const place = { line: token.lineno + 1, column: token.colno + 1 };
      throw new TemplateError('WEBHOOKS_TEMPLATE_FORBIDDEN', 'Regular expressions are not available.', place);
    }
    return super.parsePrimary(noPostfix);
  }

  override parseInlineIf(): SyntaxNode {
    const body = this.parseOr();
    if (!this.skipSymbol('if')) return body;
    const condition = this.parseOr();
    const otherwise = this.skipSymbol('else') ? this.#nested(() => this.parseInlineIf()) : null;
    return new nodes.InlineIf(body.lineno, body.colno, condition, body, otherwise);
  }

  override parseAdd(): SyntaxNode {
    return this.#leftToRight(ADDITIVE, () => this.parseMul());
  }

  override parseMul(): SyntaxNode {
    return this.#leftToRight(MULTIPLICATIVE, () => this.parsePow());
  }

  override parsePostfix(start: SyntaxNode): SyntaxNode {
    let node = start;
    for (let token = this.peekToken(); token !== null; token = this.peekToken()) {
      if (token.type === 'left-paren') {
        node = new nodes.FunCall(token.lineno, token.colno, node, this.parseSignature());
      } else if (token.type === 'left-bracket') {
        node = this.#bracketed(() => this.#parseSubscript(node, token));
      } else if (token.type === 'operator' && token.value === '.') {
        this.nextToken();
        const name = this.nextToken();
        if (name?.type !== 'symbol') this.fail('expected a name after the dot', token.lineno, token.colno);
        const key = new nodes.Literal(name.lineno, name.colno, name.value);
        node = new nodes.LookupVal(token.lineno, token.colno, node, key);
      } else break;
    }
    return node;
  }

  override parseNodes(): SyntaxNode[] {
    const parsed: SyntaxNode[] = [];
    for (let token = this.nextToken(); token !== null; token = this.nextToken()) {
      if (token.type === 'data') {
        parsed.push(this.#parseData(token));
      } else if (token.type === 'block-start') {
        this.dropLeadingWhitespace = false;
        const node = this.parseStatement();
        if (node === null) break;
        parsed.push(node);
      } else if (token.type === 'variable-start') {
        const expression = this.parseExpression();
        this.dropLeadingWhitespace = false;
        this.advanceAfterVariableEnd();
        parsed.push(new nodes.Output(token.lineno, token.colno, [expression]));
      } else if (token.type === 'comment') {
        this.dropLeadingWhitespace = token.value.endsWith('-#}');
      } else this.fail(`unexpected ${token.type}`, token.lineno, token.colno);
    }
    return parsed;
  }

  override parseRaw(tagName = 'raw'): SyntaxNode {
    const begun = this.advanceAfterBlockEnd();
    const end = findRawEnd(this.tokens.str, this.tokens.index, tagName);
    if (end === null) this.fail(`expected end${tagName}, got end of file`, begun.lineno, begun.colno);
    this.tokens.forwardN(end.next - this.tokens.index);
    const text = this.dropLeadingWhitespace ? end.text.trimStart() : end.text;
    this.dropLeadingWhitespace = end.trimAfter;
    const data = new nodes.TemplateData(begun.lineno, begun.colno, text);
    return new nodes.Output(begun.lineno, begun.colno, [data]);
  }

  #parseData(token: Token): SyntaxNode {
    let text = token.value;
    if (this.dropLeadingWhitespace) text = text.trimStart();
    this.dropLeadingWhitespace = false;
    const next = this.peekToken();
    const trims =
      next?.type === 'comment'
        ? next.value.startsWith('{#-')
        : (next?.type === 'block-start' || next?.type === 'variable-start') && next.value.endsWith('-');
    if (trims) text = text.trimEnd();
    const data = new nodes.TemplateData(token.lineno, token.colno, text);
    return new nodes.Output(token.lineno, token.colno, [data]);
  }

  #parseSubscript(target: SyntaxNode, open: Token): SyntaxNode {
    this.nextToken();
    const parts: (SyntaxNode | null)[] = [null];
    while (!this.skip('right-bracket')) {
      if (this.skip('colon')) parts.push(null);
      else if (parts.at(-1) === null) parts[parts.length - 1] = this.parseExpression();
      else this.fail('invalid index', open.lineno, open.colno);
    }
    const [start = null, stop = null, step = null] = parts;
    if (parts.length > 3) this.fail('too many parts in a slice', open.lineno, open.colno);
    if (parts.length > 1) return new Slice(open.lineno, open.colno, target, start, stop, step);
    if (start === null) this.fail('invalid index', open.lineno, open.colno);
    return new nodes.LookupVal(open.lineno, open.colno, target, start);
  }

  #leftToRight(operators: typeof ADDITIVE | typeof MULTIPLICATIVE, operand: () => SyntaxNode): SyntaxNode {
    let left = operand();
    for (;;) {
      const token = this.peekToken();
      const found = token?.type === 'operator' ? operators.find(([sign]) => sign === token.value) : undefined;
      if (found === undefined) return left;
      this.nextToken();
      left = new found[1](left.lineno, left.colno, left, operand());
    }
  }

  #nested<T>(parse: () => T): T {
    if (++this.#levels > MAX_PARSER_LEVELS) throw this.#tooLarge('The template is nested too deeply.');
    const result = parse();
    this.#levels--;
    return result;
  }

  #bracketed<T>(parse: () => T): T {
    if (++this.#brackets > MAX_BRACKETS)
      throw this.#tooLarge(`More than ${MAX_BRACKETS} brackets are nested.`);
    const result = parse();
    this.#brackets--;
    return result;
  }

  #tooLarge(detail: string): TemplateError {
    const place = { line: this.tokens.lineno + 1, column: this.tokens.colno + 1 };
    return new TemplateError('WEBHOOKS_TEMPLATE_LIMIT', detail, place);
  }
}
