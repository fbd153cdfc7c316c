import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';

/** Column types whose values TypeORM takes over from every driver as they are. */
const TEXTS = ['varchar', 'character varying', 'text', 'uuid', String];
const NUMBERS = ['smallint', 'int2', 'int', 'int4', 'integer', 'bigint', 'int8', 'decimal', 'numeric'];
const TYPES: ReadonlySet<unknown> = new Set([...TEXTS, ...NUMBERS]);

/** Whether entities hold the values of a column as the driver gives them. */
export function isHeldAsGiven({ type, transformer }: Pick<ColumnMetadata, 'type' | 'transformer'>): boolean {
  return transformer === undefined && TYPES.has(type);
}
