const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of `1h 30m`, `5s`, `250ms`; a bare number is seconds. `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Math.round(Number(trimmed) * 1_000);
  if (!/^(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$/.test(trimmed)) return undefined;
  let sum = 0;
  for (const [, number, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g)) {
    sum += Number(number) * (UNITS[unit ?? ''] ?? 0);
  }
  return Math.round(sum);
}

/** Milliseconds as {@link parseDuration} reads them, and exactly these: `1d 1h 1m 1s`. */
export function formatDuration(milliseconds: number): string {
  const parts = partsOf(milliseconds);
  return parts.length === 0 ? '0s' : parts.join(' ');
}

/** Milliseconds as a person reads them: the two largest units. */
export function roughDuration(milliseconds: number): string {
  const parts = partsOf(milliseconds);
  return parts.length === 0 ? '0s' : parts.slice(0, 2).join(' ');
}

function partsOf(milliseconds: number): string[] {
  let rest = Math.round(milliseconds);
  const parts: string[] = [];
  for (const [unit, size] of Object.entries(UNITS).toReversed()) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts;
}
