import { AsyncLocalStorage } from 'node:async_hooks';
import { DataSource, getMetadataArgsStorage, type ColumnOptions } from 'typeorm';
import { dialectOf, type Dialect } from './dialect.js';

/**
 * A column whose definition depends on the database: MySQL's `text` ends at 64 KB where PostgreSQL's does not, and
 * SQLite has no generated columns but the primary key. TypeORM evaluates decorators before it knows the database,
 * so the definition is read when a data source builds its metadata.
 */
export function DialectColumn(define: (dialect: Dialect) => ColumnOptions): PropertyDecorator {
  return (prototype, property) => {
    const target = prototype.constructor;
    const propertyName = String(property);
    const storage = getMetadataArgsStorage();
    storage.columns.push({
      target,
      propertyName,
      mode: 'regular',
      get options() {
        return define(building.getStore() ?? 'postgres');
      },
    });
    storage.generations.push({
      // TypeORM finds the entry by its target: a column that is not generated here has none.
      get target() {
        return define(building.getStore() ?? 'postgres').generated === undefined ? '' : target;
      },
      propertyName,
      strategy: 'increment',
    });
  };
}

/** Text of any length. */
export function LongTextColumn(options: ColumnOptions): PropertyDecorator {
  return DialectColumn((dialect) => ({ ...options, type: dialect === 'mysql' ? 'longtext' : 'text' }));
}

const building = new AsyncLocalStorage<Dialect | undefined>();
const PATCHED = Symbol.for('nestjs-webhooks:build-metadatas');

interface MetadataBuilder {
  buildMetadatas(): Promise<void>;
  [PATCHED]?: true;
}

// `buildMetadatas` is protected and has been there since TypeORM 0.2; the check at boot says so if it ever goes.
const dataSourcePrototype = DataSource.prototype as unknown as MetadataBuilder;
if (dataSourcePrototype[PATCHED] === undefined) {
  const original = dataSourcePrototype.buildMetadatas;
  dataSourcePrototype[PATCHED] = true;
  let underway = 0;
  dataSourcePrototype.buildMetadatas = async function buildMetadatas(this: DataSource & MetadataBuilder) {
    underway += 1;
    try {
      await building.run(dialectOf(this.options.type), () => original.call(this));
    } finally {
      underway -= 1;
      // Node goes on looking after a storage that was used once, at every promise of the process.
      if (underway === 0) building.disable();
    }
  };
}
