import { formatDuration, roughDuration } from './durations.js';

/** Filters of the pages' templates. */
export const FORMATS = {
  /** `2026-01-31 12:00:00 UTC` */
  time: (value: Date | null | undefined): string =>
    value === null || value === undefined ? '' : `${value.toISOString().slice(0, 19).replace('T', ' ')} UTC`,
  /** As the field of a form takes it. */
  local: (value: Date | null | undefined): string => value?.toISOString().slice(0, 16) ?? '',
  iso: (value: Date | null | undefined): string => value?.toISOString() ?? '',
  /** `3 min ago`, `in 5 s` */
  ago: (value: Date | null | undefined): string => (value === null || value === undefined ? '' : ago(value)),
  duration: formatDuration,
  /** Milliseconds as a person reads them. */
  ms: (value: number): string => (value < 10_000 ? `${Math.round(value)} ms` : roughDuration(value)),
  json: (value: unknown): string => (value === undefined ? '' : JSON.stringify(value, null, 2)),
  /** A value on one line. */
  inline: (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')),
  /** A body as a person reads it: JSON over several lines. */
  pretty: (value: string | null): string => {
    try {
      return JSON.stringify(JSON.parse(value ?? ''), null, 2);
    } catch {
      return value ?? '';
    }
  },
  percent: (value: number): string =>
    `${value > 0.99 && value < 1 ? (Math.floor(value * 1_000) / 10).toFixed(1) : Math.round(value * 100)} %`,
  /** Messages about a field, where the field's name stands already. */
  beside: (messages: readonly string[], field: string): string =>
    messages.map((message) => besideField(message, field)).join(' '),
  /** One field of each of a list. */
  map: (values: readonly Record<string, unknown>[], field: string): unknown[] =>
    values.map((one) => one[field]),
  count: (value: number): string => value.toLocaleString('en-GB'),
};

const UNITS: readonly [milliseconds: number, name: string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

function ago(value: Date): string {
  const distance = Date.now() - value.getTime();
  const [size, name] = UNITS.find(([unit]) => Math.abs(distance) >= unit) ?? [1_000, 's'];
  const text = `${Math.round(Math.abs(distance) / size)} ${name}`;
  if (Math.abs(distance) < 1_000) return 'just now';
  return distance < 0 ? `in ${text}` : `${text} ago`;
}

function besideField(message: string, field: string): string {
  const text = message.startsWith(`${field}: `)
    ? message.slice(field.length + 2)
    : message.startsWith(`${field} `)
      ? message.charAt(field.length + 1).toUpperCase() + message.slice(field.length + 2)
      : message;
  return /[.)]$/.test(text) ? text : `${text}.`;
}
