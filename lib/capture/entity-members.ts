import type { EntityMetadata } from 'typeorm';

/** Whether a column or relation is one that only children have, under single-table inheritance. */
export function isOfChild(
  { childEntityMetadatas }: EntityMetadata,
  { target }: { readonly target: unknown },
): boolean {
  return childEntityMetadatas.some((child) => child.target === target);
}
