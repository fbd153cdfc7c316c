import { TemplateError } from '../template-error.js';
import { MAX_DATA_NODES, MAX_VALUE_DEPTH } from '../template-limits.js';
import { newDict, type Value } from './value.js';

/** Counts the values of one rendering's data. */
export interface CloneCount {
  nodes: number;
}

/**
 * Copies a value of the application into frozen lists, prototype-less dicts and primitives. Getters and `toJSON` run
 * here, once, and never while a template looks at the copy. Dates become ISO 8601 and bigints digits; maps become
 * dicts and sets lists; functions, symbols and binary data are left out.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_LIMIT` when it is too large, too deep, or refers to itself.
 */
export function cloneData(source: unknown, count: CloneCount = { nodes: 0 }, depth = 0): Value {
  if (++count.nodes > MAX_DATA_NODES) throw tooLarge(`holds more than ${MAX_DATA_NODES} values`);
  switch (typeof source) {
    case 'string':
    case 'number':
    case 'boolean':
      return source;
    case 'bigint':
      return source.toString();
    case 'object':
      break;
    default:
      return undefined;
  }
  if (source === null) return null;
  if (depth >= MAX_VALUE_DEPTH) throw tooLarge(`is nested more than ${MAX_VALUE_DEPTH} deep`);
  if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) return undefined;
  if (Array.isArray(source)) return cloneList(source, count, depth);
  if (source instanceof Set) return cloneList([...source], count, depth);
  if (source instanceof Map) return cloneEntries(source.entries(), count, depth);
  if ('toJSON' in source && typeof source.toJSON === 'function') {
    return cloneData((source as { toJSON(): unknown }).toJSON(), count, depth + 1);
  }
  const dict = newDict();
  for (const key of Object.keys(source)) {
    const value = (source as Record<string, unknown>)[key];
    if (typeof value === 'function' || typeof value === 'symbol') continue;
    dict[key] = cloneData(value, count, depth + 1);
  }
  return Object.freeze(dict);
}

function cloneList(source: readonly unknown[], count: CloneCount, depth: number): Value {
  const list: Value[] = [];
  for (const item of source) list.push(cloneData(item, count, depth + 1));
  return Object.freeze(list) as Value[];
}

function cloneEntries(entries: Iterable<[unknown, unknown]>, count: CloneCount, depth: number): Value {
  const dict = newDict();
  for (const [key, value] of entries) {
    if (typeof key === 'string' || typeof key === 'number') dict[key] = cloneData(value, count, depth + 1);
  }
  return Object.freeze(dict);
}

function tooLarge(what: string): TemplateError {
  return new TemplateError(
    'WEBHOOKS_TEMPLATE_LIMIT',
    `The data ${what}. Track fewer relations, or serialize less.`,
  );
}
