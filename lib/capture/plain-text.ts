import { instanceToPlain } from 'class-transformer';
import { toJsonText } from '../common/json-text.js';
import { hasRules } from './class-rules.js';

/** The JSON text of an entity through class-transformer's rules, by a shorter way where there are none. */
export function plainText(entity: object): string {
  return isPlain(entity) ? JSON.stringify(entity) : toJsonText(instanceToPlain(entity));
}

/** Deeper values, among them those that refer to themselves, are left to class-transformer. */
const MAX_DEPTH = 32;

/** Whether class-transformer would copy a value as it is, and JSON.stringify alone writes the copy as stated. */
export function isPlain(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'undefined':
      return true;
    case 'object':
      return value === null || (depth <= MAX_DEPTH && isPlainObject(value, depth));
    default:
      return false;
  }
}

function isPlainObject(value: object, depth: number): boolean {
  if (value instanceof Date) return isPlainDate(value);
  // The copy has no prototype, so that its `toJSON` would be lost; with `then` it would be a promise.
  if ('toJSON' in value || 'then' in value) return false;
  if (Array.isArray(value)) return isPlainArray(value, depth);
  if (!isPlainKind(value)) return false;
  for (const name of Object.keys(value)) {
    if (name === '__proto__' || name === 'constructor') return false;
    if (!isPlain((value as Record<string, unknown>)[name], depth + 1)) return false;
  }
  return true;
}

export function isPlainDate(value: Date): boolean {
  return Object.getPrototypeOf(value) === Date.prototype && Object.keys(value).length === 0;
}

/** Holes are closed by class-transformer, and `null` in JSON. */
function isPlainArray(value: readonly unknown[], depth: number): boolean {
  for (let index = 0; index < value.length; index += 1) {
    if (!(index in value) || !isPlain(value[index], depth + 1)) return false;
  }
  return true;
}

/** Neither one of the language's own kinds, such as a Map, nor an instance of a class with rules. */
function isPlainKind(value: object): boolean {
  const { constructor } = value as { readonly constructor: unknown };
  if (constructor === Object) return Object.getPrototypeOf(value) === Object.prototype;
  return (
    typeof constructor === 'function' &&
    Object.prototype.toString.call(value) === '[object Object]' &&
    !hasRules(constructor)
  );
}
