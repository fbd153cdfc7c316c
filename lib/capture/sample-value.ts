import type { DataSource } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { captureDialect } from './capture-dialect.js';

/** A value that a column could hold, as the driver reads it from the database. */
export function sampleValue(dataSource: DataSource, column: ColumnMetadata): unknown {
  const { referencedColumn } = column;
  if (referencedColumn !== undefined) return sampleValue(dataSource, referencedColumn);
  if (column.isDiscriminator) return column.entityMetadata.discriminatorValue;
  if (column.isDeleteDate) return null;
  const value = readValue(dataSource, column);
  if (column.transformer === undefined) return value;
  try {
    dataSource.driver.prepareHydratedValue(value, column);
    return value;
  } catch {
    // It reads only what it has written, as one that encrypts.
    return dataSource.driver.preparePersistentValue(value, column) as unknown;
  }
}

function readValue(dataSource: DataSource, column: ColumnMetadata): unknown {
  if (column.enum !== undefined) {
    // PostgreSQL's driver does not know the type of the list.
    return column.isArray ? `{"${column.enum[0]}"}` : column.enum[0];
  }
  if (column.isArray) return [];
  return valueOfType(dataSource, column, typeName(column));
}

function valueOfType(dataSource: DataSource, column: ColumnMetadata, type: string): unknown {
  const { name } = captureDialect(dataSource);
  // Servers' drivers give numbers that a JavaScript number may not hold as texts.
  const isExactAsText = name !== 'sqlite';
  const isPostgres = name === 'postgres';
  if (/uuid/.test(type) || column.generationStrategy === 'uuid')
    return '00000000-0000-4000-8000-000000000001';
  if (type.startsWith('bool')) return /^(true|t|1|)$/i.test(defaultText(column) ?? '');
  if (type === 'bit' || type === 'bit varying' || type === 'varbit')
    return isPostgres ? '1' : Buffer.from([1]);
  if (type === 'interval') return { hours: 1 };
  if (type === 'point') return { x: 1, y: 1 };
  if (/^(bigint|int8|bigserial)$/.test(type)) {
    const value = defaultNumber(column) ?? 1;
    return isExactAsText ? String(value) : value;
  }
  if (/range/.test(type)) return /date|ts/.test(type) ? '[2026-01-01,2026-02-01)' : '[1,2)';
  if (/^(small|medium|tiny)?int(eger)?\d?$|number|serial|year/.test(type)) return defaultNumber(column) ?? 1;
  if (/decimal|numeric|^dec$|^fixed$/.test(type)) {
    const value = defaultNumber(column) ?? 1.5;
    return isExactAsText ? value.toFixed(column.scale ?? (isPostgres ? 2 : 0)) : value;
  }
  if (type === 'money') return isPostgres ? '$1.50' : 1.5;
  if (/float|double|real/.test(type)) return defaultNumber(column) ?? 1.5;
  if (/^date$/.test(type) && column.type !== Date) return '2026-01-01';
  if (/^time( |tz|$)/.test(type)) return '12:00:00';
  if (/date|timestamp/.test(type)) return new Date('2026-01-01T12:00:00.000Z');
  if (/simple-array/.test(type)) return 'example';
  if (/json/.test(type)) return defaultJson(column) ?? (designType(column) === Array ? [] : {});
  if (/blob|bytea|binary/.test(type)) {
    return dataSource.options.type === 'sqljs' ? new TextEncoder().encode('example') : Buffer.from('example');
  }
  if (/^(inet|cidr)$/.test(type)) return '192.0.2.1';
  if (type === 'hstore') return '"example"=>"1"';
  if (type === 'cube') return '(1)';
  const length = Number(column.length) || 100;
  return defaultText(column) || `example ${column.propertyName}`.slice(0, length);
}

/** What the column has by default, if that is a plain value and not for the database to work out. */
function defaultText({ default: given }: ColumnMetadata): string | undefined {
  if (typeof given === 'number' || typeof given === 'boolean') return String(given);
  if (typeof given !== 'string' || given.includes('(')) return undefined;
  return given.replace(/::[\w ]+$/, '').replace(/^'|'$/g, '');
}

function defaultNumber(column: ColumnMetadata): number | undefined {
  const text = defaultText(column) ?? '';
  return text === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
}

function defaultJson(column: ColumnMetadata): unknown {
  const given: unknown = column.default;
  if (typeof given === 'object' && given !== null) return given;
  try {
    return JSON.parse(defaultText(column) ?? '') as unknown;
  } catch {
    return undefined;
  }
}

function typeName(column: ColumnMetadata): string {
  const type = typeof column.type === 'function' ? column.type.name : column.type;
  return type.toLowerCase();
}

function designType(column: ColumnMetadata): unknown {
  if (typeof column.target !== 'function') return undefined;
  return Reflect.getMetadata('design:type', column.target.prototype as object, column.propertyName);
}
