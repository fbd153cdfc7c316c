import { isDict, type Value } from '../values/value.js';
import { DICT_METHODS } from './dict-methods.js';
import { LIST_METHODS } from './list-methods.js';
import { NUMBER_METHODS } from './number-methods.js';
import type { Operation } from './operation.js';
import { TEXT_METHODS } from './text-methods.js';

/** The method of a value, undefined when it has none of that name. Methods exist in calls only, never as values. */
export function methodOf(value: Value, name: string): Operation | undefined {
  if (typeof value === 'string') return TEXT_METHODS.get(name);
  if (typeof value === 'number') return NUMBER_METHODS.get(name);
  if (Array.isArray(value)) return LIST_METHODS.get(name);
  return isDict(value) ? DICT_METHODS.get(name) : undefined;
}
