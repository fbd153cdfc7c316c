import { TemplateError, type TemplateErrorCode } from '../template-error.js';

/** A node of nunjucks' syntax tree. Which fields there are depends on `typename`. */
export interface SyntaxNode {
  readonly typename: string;
  /** From 0. */
  readonly lineno?: number | undefined;
  /** From 0. */
  readonly colno?: number | undefined;
  readonly value?: unknown;
  readonly children?: readonly SyntaxNode[];
  readonly targets?: readonly SyntaxNode[];
  readonly cases?: readonly SyntaxNode[];
  readonly ops?: readonly SyntaxNode[];
  readonly type?: string;
  readonly arr?: SyntaxNode | null;
  readonly name?: SyntaxNode | null;
  readonly args?: SyntaxNode | null;
  readonly key?: SyntaxNode | null;
  readonly target?: SyntaxNode | null;
  readonly val?: SyntaxNode | null;
  readonly left?: SyntaxNode | null;
  readonly right?: SyntaxNode | null;
  readonly expr?: SyntaxNode | null;
  readonly cond?: SyntaxNode | null;
  readonly body?: SyntaxNode | null;
  readonly else_?: SyntaxNode | null;
  readonly default?: SyntaxNode | null;
  readonly start?: SyntaxNode | null;
  readonly stop?: SyntaxNode | null;
  readonly step?: SyntaxNode | null;
}

/** An error of the template at a node. */
export function errorAt(node: SyntaxNode, code: TemplateErrorCode, detail: string): TemplateError {
  return new TemplateError(code, detail, lineAndColumn(node));
}

/** The place of a node, counted from 1. */
export function lineAndColumn(node: SyntaxNode): { line?: number; column?: number } {
  return node.lineno === undefined || node.colno === undefined
    ? {}
    : { line: node.lineno + 1, column: node.colno + 1 };
}

/**
 * A part that the node cannot do without.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_SYNTAX` when it is missing.
 */
export function part(node: SyntaxNode, child: SyntaxNode | null | undefined): SyntaxNode {
  if (child === null || child === undefined) {
    throw errorAt(node, 'WEBHOOKS_TEMPLATE_SYNTAX', 'An expression is incomplete.');
  }
  return child;
}

/** What a node does when its condition does not hold, or when there is nothing to loop over. */
export function otherwiseOf(node: SyntaxNode): SyntaxNode | null {
  const { else_: otherwise = null } = node;
  return otherwise;
}
