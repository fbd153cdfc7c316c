import type { JsonValue } from '../common/json-text.js';
import { describeType } from './describe-type.js';
import { CONDITION_LIMITS } from './condition-limits.js';
import { below, type Faults } from './faults.js';

/**
 * A plain copy of a definition: own enumerable keys only, nothing but JSON, within the bounds of size and depth. What
 * comes after it can neither be changed by the caller nor meet getters, cycles or prototypes.
 *
 * @throws ConditionInvalidError at once for what is too large or too deep to go on with; what is no JSON is noted.
 */
export function copyJson(json: unknown, faults: Faults): JsonValue {
  let size = 0;

  function count(characters: number, path: string): void {
    size += characters;
    if (size <= CONDITION_LIMITS.size) return;
    faults.add(path, `the definition is longer than ${CONDITION_LIMITS.size} characters`);
    faults.throwIfAny();
  }

  function copy(value: unknown, path: string, depth: number): JsonValue {
    if (typeof value === 'string') {
      count(value.length + 3, path);
      return value;
    }
    if (
      value === null ||
      typeof value === 'boolean' ||
      (typeof value === 'number' && Number.isFinite(value))
    ) {
      count(String(value).length + 1, path);
      return value;
    }
    if (typeof value !== 'object') {
      faults.add(path, `${describeType(value)} is no JSON value`);
      return null;
    }
    if (depth >= CONDITION_LIMITS.valueDepth) {
      faults.add(path, `nested deeper than ${CONDITION_LIMITS.valueDepth} levels`);
      faults.throwIfAny();
    }
    count(3, path);
    if (Array.isArray(value)) return copyList(value, path, depth);
    return copyObject(value, path, depth);
  }

  function copyList(list: readonly unknown[], path: string, depth: number): JsonValue[] {
    count(list.length, path);
    const copied: JsonValue[] = [];
    for (let index = 0; index < list.length; index++)
      copied.push(copy(list[index], below(path, index), depth + 1));
    return copied;
  }

  function copyObject(object: object, path: string, depth: number): JsonValue {
    const entries: [string, JsonValue][] = [];
    for (const key of Object.keys(object)) {
      const value = (object as Record<string, unknown>)[key];
      if (value === undefined) continue;
      count(key.length + 3, path);
      entries.push([key, copy(value, below(path, key), depth + 1)]);
    }
    // fromEntries defines own properties, even one named __proto__.
    return Object.fromEntries(entries);
  }

  return copy(json, '', 0);
}
