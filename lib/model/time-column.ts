import { Column, type ColumnOptions, type ValueTransformer } from 'typeorm';

const milliseconds: ValueTransformer = {
  to: (value: unknown) => (value instanceof Date ? value.getTime() : value),
  from: (value: string | number | null) => (value === null ? null : new Date(Number(value))),
};

/**
 * A point in time, kept as milliseconds since the epoch: no session time zone, driver option or daylight saving can
 * shift a due time, and the database's own clock can be compared with it on every dialect.
 */
export function TimeColumn(options: ColumnOptions): PropertyDecorator {
  return Column({ ...options, type: 'bigint', transformer: milliseconds });
}
