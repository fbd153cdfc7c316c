import type { DataSource } from 'typeorm';
import { WebhooksError } from '../common/webhooks-error.js';
import { WEBHOOKS_MIGRATIONS } from './migrations/webhooks-migrations.js';
import { requireUnicode } from './require-unicode.js';
import { tableName } from './table-name.js';
import { WEBHOOKS_ENTITIES } from './webhooks-entities.js';

/**
 * Asks each table for every column that this version uses, and whether it can hold every text.
 *
 * @throws WebhooksError `WEBHOOKS_ENTITIES_MISSING`, `WEBHOOKS_SCHEMA_OUTDATED`, `WEBHOOKS_DATABASE_UNSUPPORTED`
 */
export async function checkSchema(dataSource: DataSource): Promise<void> {
  for (const entity of WEBHOOKS_ENTITIES) {
    if (!dataSource.hasMetadata(entity)) {
      throw new WebhooksError(
        'WEBHOOKS_ENTITIES_MISSING',
        `The data source does not know the entity ${entity.name}. Set autoLoadEntities: true in TypeOrmModule.forRoot(), ` +
          'or add ...WEBHOOKS_ENTITIES to its entities.',
      );
    }
    const { columns } = dataSource.getMetadata(entity);
    const names = columns.map(({ databaseName }) => dataSource.driver.escape(databaseName)).join(', ');
    try {
      await dataSource.query(`SELECT ${names} FROM ${tableName(dataSource, entity)} WHERE 1 = 0`);
    } catch (cause) {
      const migrations = WEBHOOKS_MIGRATIONS.map(({ name }) => name).join(', ');
      throw new WebhooksError(
        'WEBHOOKS_SCHEMA_OUTDATED',
        `The table of ${entity.name} is missing or older than this version of nestjs-webhooks (${String(cause)}). ` +
          `Add ...WEBHOOKS_MIGRATIONS to the migrations of the data source and run them (${migrations}).`,
        { cause },
      );
    }
  }
  await requireUnicode(dataSource);
}
