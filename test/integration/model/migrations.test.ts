import { DataSource, DefaultNamingStrategy, type DataSourceOptions } from 'typeorm';
import { expect, it } from 'vitest';
import { WEBHOOKS_MIGRATIONS } from '../../../lib/model/migrations/webhooks-migrations.js';
import { WEBHOOKS_ENTITIES } from '../../../lib/model/webhooks-entities.js';
import {
  betterSqlite3,
  describeOn,
  mariadb,
  postgres,
  sqljs,
  type TestDatabase,
} from '../../support/databases.js';

class SnakeCase extends DefaultNamingStrategy {
  override columnName(property: string, custom: string | undefined): string {
    return custom ?? property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
  override tableName(target: string, custom: string | undefined): string {
    return custom ?? `snake_${target.toLowerCase()}`;
  }
  override indexName(): string {
    return 'an_index_without_an_explicit_name';
  }
  override primaryKeyName(): string {
    return 'a_key_without_an_explicit_name';
  }
}

const variants: [name: string, options: Partial<DataSourceOptions>, only?: TestDatabase['name']][] = [
  ['plain', {}],
  ['a naming strategy', { namingStrategy: new SnakeCase() }],
  ['an entityPrefix', { entityPrefix: 'app_' }],
  ['a schema', { schema: 'other' }, 'postgres'],
];

describeOn([postgres, mariadb, sqljs, betterSqlite3], 'migrations on $name', (database) => {
  it.each(variants.filter(([, , only]) => only === undefined || only === database.name))(
    'leave nothing for the schema builder to change: %s',
    async (_, variant) => {
      const { options, drop } = await database.create();
      try {
        const dataSource = new DataSource({
          ...options,
          ...variant,
          entities: [...WEBHOOKS_ENTITIES],
          migrations: [...WEBHOOKS_MIGRATIONS],
        } as DataSourceOptions);
        await dataSource.initialize();
        if ('schema' in variant) await dataSource.query('CREATE SCHEMA "other"');
        await dataSource.runMigrations();
        const pending = await dataSource.driver.createSchemaBuilder().log();
        expect(pending.upQueries.map(({ query }) => query)).toEqual([]);
        await dataSource.undoLastMigration();
        await dataSource.destroy();
      } finally {
        await drop();
      }
    },
  );
});
