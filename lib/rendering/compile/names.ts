import { errorAt, type SyntaxNode } from '../syntax/syntax-node.js';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const RESERVED = new Set(['constructor', 'prototype', '__proto__', '__keywords']);
const ACCESSOR = /^__(?:define|lookup)(?:Getter|Setter)__$/;

/**
 * The name a plain symbol says.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_FORBIDDEN` for other nodes and for names outside the allow-list.
 */
export function nameOf(node: SyntaxNode): string {
  const name = node.typename === 'Symbol' ? node.value : undefined;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw errorAt(node, 'WEBHOOKS_TEMPLATE_FORBIDDEN', 'A plain name is expected: letters, digits and "_".');
  }
  if (RESERVED.has(name) || ACCESSOR.test(name)) {
    throw errorAt(node, 'WEBHOOKS_TEMPLATE_FORBIDDEN', `The name "${name}" is not available in templates.`);
  }
  return name;
}

/** A short description of an expression for messages, taken from the template. */
export function describe(node: SyntaxNode | null | undefined): string {
  if (node?.typename === 'Symbol') return shorten(String(node.value));
  if (node?.typename !== 'LookupVal') return 'the expression';
  const key = node.val?.typename === 'Literal' ? shorten(String(node.val.value)) : '…';
  return `${describe(node.target)}.${key}`;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
