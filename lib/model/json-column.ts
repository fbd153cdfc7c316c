import type { ColumnOptions, ValueTransformer } from 'typeorm';
import { LongTextColumn } from './dialect-column.js';

const json: ValueTransformer = {
  to: (value: unknown) =>
    value === null || value === undefined || typeof value === 'function' ? value : JSON.stringify(value),
  from: (value: string | null) => (value === null ? null : (JSON.parse(value) as unknown)),
};

/** A JSON value kept as text, so that its key order survives every database. */
export function JsonColumn(options: ColumnOptions): PropertyDecorator {
  return LongTextColumn({ ...options, transformer: json });
}
