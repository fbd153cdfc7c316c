import type { EntityMetadata } from 'typeorm';
import type { EmbeddedMetadata } from 'typeorm/metadata/EmbeddedMetadata.js';
import { hiddenProperties } from '../tracking/tracked-entity.js';

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

/** Takes hidden properties out of an entity that is ours, its embedded objects and its loaded relations. */
export function removeHidden(value: unknown, seen: Set<unknown> = new Set()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (Array.isArray(value)) {
    for (const item of value) removeHidden(item, seen);
    return;
  }
  if (value instanceof Date || ArrayBuffer.isView(value)) return;
  const object = value as Record<string, unknown>;
  for (const name of hiddenProperties(object.constructor)) delete object[name];
  for (const child of Object.values(object)) removeHidden(child, seen);
}
