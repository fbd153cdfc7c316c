import { otherwiseOf, type SyntaxNode } from './syntax/syntax-node.js';

/** Stands for a value that is only known when the template is rendered. */
export const UNKNOWN = '\u{f0000}';

/**
 * What a template writes by itself, every branch once, with {@link UNKNOWN} in the places of values. Lets the literal
 * part of a template be checked before anything is rendered.
 */
export function skeletonOf(node: SyntaxNode | null | undefined): string {
  if (node === null || node === undefined) return '';
  switch (node.typename) {
    case 'TemplateData':
      return String(node.value).replaceAll(UNKNOWN, '');
    case 'Root':
    case 'NodeList':
      return textOfAll(node.children);
    case 'Output':
      return (node.children ?? [])
        .map((child) => (child.typename === 'TemplateData' ? skeletonOf(child) : UNKNOWN))
        .join('');
    case 'If':
    case 'For':
      return skeletonOf(node.body) + skeletonOf(otherwiseOf(node));
    case 'Switch':
      return textOfAll((node.cases ?? []).flatMap((branch) => branch.body ?? [])) + skeletonOf(node.default);
    default:
      return '';
  }
}

function textOfAll(nodes: readonly SyntaxNode[] | undefined): string {
  return (nodes ?? []).map((node) => skeletonOf(node)).join('');
}
