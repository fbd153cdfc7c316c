import { CONDITION_LIMITS } from './condition-limits.js';
import { quote } from './faults.js';

const VARIABLES = ['$event', '$model', '$username', '$changed'] as const;

/** Where an attribute is looked up. */
export type AttrSource = 'data' | 'prechange' | 'postchange' | (typeof VARIABLES)[number];

/** A parsed attribute path. */
export interface AttrPath {
  /** As it was written. */
  readonly text: string;
  readonly source: AttrSource;
  readonly keys: readonly string[];
}

/** Parses a dotted path. The answer is text when it is no path: what is wrong with it. */
export function parseAttrPath(attr: string): AttrPath | string {
  const keys = attr.split('.');
  if (attr === '') return 'the path is empty';
  if (keys.includes(''))
    return `the path ${quote(attr)} has an empty key: write keys with single dots between them`;
  if (keys.length > CONDITION_LIMITS.pathKeys)
    return `the path has more than ${CONDITION_LIMITS.pathKeys} keys`;
  const [first = '', second, ...rest] = keys;
  if (first === 'snapshots') {
    if (second === 'prechange' || second === 'postchange') return { text: attr, source: second, keys: rest };
    return '"snapshots" is followed by ".prechange" or ".postchange"';
  }
  if (!first.startsWith('$')) return { text: attr, source: 'data', keys };
  const variable = VARIABLES.find((name) => name === first);
  if (variable === undefined) return `${quote(first)} is not known: there are ${VARIABLES.join(', ')}`;
  if (second !== undefined) return `${variable} has no keys of its own`;
  return { text: attr, source: variable, keys: [] };
}
