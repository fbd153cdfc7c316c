import { DataSource, type ColumnType, type DataSourceOptions } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { describe, expect, it } from 'vitest';
import { isHeldAsGiven } from '../../../lib/capture/held-as-given.js';

const DATABASES: readonly DataSourceOptions[] = [
  { type: 'postgres' },
  { type: 'mysql' },
  { type: 'mariadb' },
  { type: 'sqljs' },
];

/** What drivers give: texts, also such as look like other things, and numbers. */
const GIVEN = [
  '',
  'text',
  '12.50',
  '0',
  'true',
  '{1,2}',
  '2026-01-02',
  '["a"]',
  'null',
  7,
  -0,
  1.5,
  true,
  null,
];

const { transformer } = { transformer: { to: (value: unknown) => value, from: () => 'transformed' } };

describe.each(DATABASES)('values of a column on $type', (options) => {
  const { driver } = new DataSource(options);
  const types = driver.supportedDataTypes.filter((type) => isHeldAsGiven({ type }));

  it.each(types)('of type %s are held as they are given', (type) => {
    for (const value of GIVEN) expect(driver.prepareHydratedValue(value, column(type))).toBe(value);
  });

  it('are known of its usual types, also by the class', () => {
    expect(types).toEqual(expect.arrayContaining(['varchar', 'text', 'int', 'integer', 'bigint', 'decimal']));
    expect(isHeldAsGiven({ type: String })).toBe(true);
    expect(driver.prepareHydratedValue('12', column(String))).toBe('12');
  });

  it('are not held as given where TypeORM makes others of them', () => {
    expect(isHeldAsGiven({ type: 'varchar', transformer })).toBe(false);
    for (const type of [Number, Boolean, Date, 'simple-json', 'simple-array', 'date'] as ColumnType[])
      expect(isHeldAsGiven({ type })).toBe(false);
  });
});

function column(type: ColumnType): ColumnMetadata {
  return { type, isArray: false } as ColumnMetadata;
}
