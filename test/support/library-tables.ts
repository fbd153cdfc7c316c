import { DataSource } from 'typeorm';
import { WEBHOOKS_ENTITIES } from '../../lib/model/webhooks-entities.js';
import type { TestDatabase } from './databases.js';

/** A new database with the library's tables and nothing else; `close` removes it. */
export async function openLibraryTables(
  database: TestDatabase,
): Promise<{ dataSource: DataSource; close: () => Promise<void> }> {
  const { options, drop } = await database.create();
  const entities = [...WEBHOOKS_ENTITIES];
  const dataSource = await new DataSource({ ...options, entities, synchronize: true }).initialize();
  return {
    dataSource,
    close: async () => {
      await dataSource.destroy();
      await drop();
    },
  };
}
