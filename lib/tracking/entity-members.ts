import type { EntityMetadata } from 'typeorm';
import type { EmbeddedMetadata } from 'typeorm/metadata/EmbeddedMetadata.js';
import { hiddenProperties } from './tracked-entity.js';

/** Whether a column or relation is one that only children have, under single-table inheritance. */
export function isOfChild(
  { childEntityMetadatas }: EntityMetadata,
  { target }: { readonly target: unknown },
): boolean {
  return childEntityMetadatas.some((child) => child.target === target);
}

/** Whether `@WebhookHidden()` stands at a property, or at an embedded object on the way to it. */
export function isHidden(metadata: EntityMetadata, path: readonly string[]): boolean {
  let holder: { target: unknown; embeddeds: readonly EmbeddedMetadata[] } | undefined = {
    target: metadata.target,
    embeddeds: metadata.embeddeds,
  };
  for (const part of path) {
    if (holder === undefined) return false;
    if (hiddenProperties(holder.target).has(part)) return true;
    const embedded: EmbeddedMetadata | undefined = holder.embeddeds.find(
      ({ propertyName }) => propertyName === part,
    );
    holder = embedded && { target: embedded.type, embeddeds: embedded.embeddeds };
  }
  return false;
}
