import type { AttrPath } from './attr-path.js';
import { describeType } from './describe-type.js';
import type { Evaluation } from './evaluation.js';
import { quote } from './faults.js';

/** A path that leads nowhere in this event: why. */
export class Unresolved {
  constructor(readonly reason: string) {}
}

/** Data that the event has none of, as a create has no prechange: reads as null, and no operator finds fault with it. */
export const ABSENT = Symbol('absent');

/** An event without any `data`: nothing matches, not even when negated. */
export const NO_DATA = Symbol('no data');

/** Looks an attribute up in the event: its value, or one of the marks above. */
export function resolveAttr(path: AttrPath, evaluation: Evaluation): unknown {
  const { subject } = evaluation;
  switch (path.source) {
    case 'data':
      return subject.data === null || subject.data === undefined
        ? NO_DATA
        : walk(subject.data, path.keys, evaluation);
    case 'prechange':
    case 'postchange':
      return resolveSnapshot(path.source, path.keys, evaluation);
    case '$event':
      return subject.event ?? new Unresolved('the event is not known here');
    case '$model':
      return subject.model ?? new Unresolved('the model is not known here');
    case '$changed':
      return subject.changed ?? new Unresolved('the changed fields are not known here');
    default:
      if (subject.username === undefined) return new Unresolved('the username is not known here');
      return subject.username ?? ABSENT;
  }
}

function resolveSnapshot(
  source: 'prechange' | 'postchange',
  keys: readonly string[],
  evaluation: Evaluation,
): unknown {
  const { snapshots } = evaluation.subject;
  if (snapshots === null || snapshots === undefined) return new Unresolved('the event has no snapshots');
  if (snapshots[source] !== null) return walk(snapshots, [source, ...keys], evaluation);
  if (keys.length === 0) return ABSENT;
  // The other snapshot tells a field of this model from a slip of the pen, which must not fire on every create.
  const other = walk(source === 'prechange' ? snapshots.postchange : snapshots.prechange, keys, evaluation);
  return other instanceof Unresolved ? other : ABSENT;
}

/**
 * Follows keys through own properties, and through lists by mapping over their elements.
 *
 * @param emptyListLeads false makes a further key into an empty list lead nowhere, for operators that need evidence
 * that the path exists.
 */
export function walk(
  start: unknown,
  keys: readonly string[],
  evaluation: Evaluation,
  emptyListLeads = true,
): unknown {
  let value = start;
  for (const key of keys) {
    value = Array.isArray(value) ? mapList(value, key, evaluation, emptyListLeads) : property(value, key);
    if (value instanceof Unresolved) return value;
  }
  return value;
}

function mapList(
  list: readonly unknown[],
  key: string,
  evaluation: Evaluation,
  emptyListLeads: boolean,
): unknown {
  if (list.length === 0 && !emptyListLeads)
    return new Unresolved(`${quote(key)} cannot be told from an empty list`);
  evaluation.spend(list.length * 2);
  const values: unknown[] = [];
  for (const element of list) {
    const value = Array.isArray(element)
      ? new Unresolved(`${quote(key)} cannot be read from a list within a list`)
      : property(element, key);
    if (value instanceof Unresolved) return value;
    values.push(value);
  }
  return values;
}

function property(owner: unknown, key: string): unknown {
  if (typeof owner !== 'object' || owner === null) {
    return new Unresolved(`${quote(key)} cannot be read from ${describeType(owner)}`);
  }
  const value = Object.hasOwn(owner, key) ? (owner as Record<string, unknown>)[key] : undefined;
  return value === undefined ? new Unresolved(`there is no ${quote(key)}`) : value;
}
