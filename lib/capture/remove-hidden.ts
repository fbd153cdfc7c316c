import { hiddenProperties } from '../tracking/tracked-entity.js';

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
