import { isDeepStrictEqual } from 'node:util';

/** One field before and after a change. */
export interface FieldDiff {
  readonly field: string;
  /** `undefined` where there was no object or no such field. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly changed: boolean;
}

/** Compares two flat snapshots, in the order of their fields; what changed comes first. */
export function diffFields(before: unknown, after: unknown): FieldDiff[] {
  const [from, to] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const rows = names.map((field): FieldDiff => ({
    field,
    ...(Object.hasOwn(from, field) ? { before: from[field] } : {}),
    ...(Object.hasOwn(to, field) ? { after: to[field] } : {}),
    changed: !isDeepStrictEqual(from[field], to[field]),
  }));
  return [...rows.filter(({ changed }) => changed), ...rows.filter(({ changed }) => !changed)];
}

function fieldsOf(snapshot: unknown): Record<string, unknown> {
  return typeof snapshot === 'object' && snapshot !== null ? (snapshot as Record<string, unknown>) : {};
}
