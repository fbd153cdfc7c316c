/** `{ ip_address: … }` → `{ ipAddress: … }`, without what was left out. */
export function toProperties(dto: object): Record<string, unknown> {
  const given = Object.entries(dto).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([key, value]) => [key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}
