import { isDict, type Value } from '../values/value.js';

/**
 * `target.key` or `target[key]`: an own key of a dict, an element or character by index (from the end when
 * negative), a length. Everything else is undefined; a key that is a list or a dict is never asked for its text.
 */
export function lookupMember(target: Value, key: Value): Value {
  if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'boolean') return undefined;
  if (typeof target === 'string' || Array.isArray(target)) {
    if (key === 'length') return target.length;
    const index = typeof key === 'number' ? key : integerOf(key);
    if (index === undefined || !Number.isInteger(index)) return undefined;
    return target.at(index);
  }
  if (isDict(target)) return Object.hasOwn(target, String(key)) ? target[String(key)] : undefined;
  return typeof target === 'object' && target !== null ? target.member(String(key)) : undefined;
}

function integerOf(key: string | boolean): number | undefined {
  return typeof key === 'string' && /^\d{1,9}$/.test(key) ? Number(key) : undefined;
}
