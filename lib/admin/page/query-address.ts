/** The fields of a query as the platform parsed them. */
export type Fields = Readonly<Record<string, unknown>>;

/** A query for an address relative to the page: what is there, with some of it changed. */
export function addressOf(fields: Fields, changes: Fields = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...fields, ...changes })) {
    for (const one of [value].flat()) if (typeof one === 'string' && one !== '') parameters.append(name, one);
  }
  return `?${parameters.toString()}`;
}
