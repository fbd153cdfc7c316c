import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { CaptureError } from './capture-error.js';
import type { CaptureTools } from './capture-tools.js';
import {
  readForeignKeys,
  readPlainTables,
  readTriggers,
  tableId,
  type ForeignKeyFound,
  type PlainTable,
  type TriggerFound,
} from './read-constraints.js';
import { tablesNamed } from './sql-statements.js';
import { rootOf, type ConstraintAction } from './tracked-schema.js';

const ACTIONS: readonly string[] = ['CASCADE', 'SET NULL', 'SET DEFAULT'] satisfies ConstraintAction[];

/**
 * Compares the database with what the entities say of it, once: foreign keys between entities are captured as if they
 * were declared, everything else that changes tracked rows by itself is said.
 */
export class KnownConstraints {
  private readonly entities = new Map<string, EntityMetadata[]>();

  constructor(private readonly tools: CaptureTools) {
    for (const metadata of tools.dataSource.entityMetadatas) {
      if (rootOf(metadata) !== metadata) continue;
      const id = this.idOf(metadata);
      this.entities.set(id, [...(this.entities.get(id) ?? []), metadata]);
    }
  }

  /**
   * Asks the database. Not being allowed to is said, and stops nothing.
   *
   * @throws WebhooksError `WEBHOOKS_WRITE_UNCAPTURED` when the options refuse what was found
   */
  async learn(): Promise<void> {
    const { dataSource, dialect } = this.tools;
    let found: { keys: ForeignKeyFound[]; triggers: TriggerFound[]; plain: PlainTable[] };
    try {
      found = {
        keys: await readForeignKeys(dataSource, dialect),
        triggers: await readTriggers(dataSource, dialect),
        plain: await readPlainTables(dataSource, dialect),
      };
    } catch (error) {
      this.tools.logger.warn(
        `The constraints and triggers of the database cannot be read (${String(error)}): those that no entity ` +
          'declares, and that change tracked rows, make no events.',
      );
      return;
    }
    const plain = new Map(found.plain.map(({ table, computed }) => [table, new Set(computed)]));
    for (const table of this.tools.schema.all()) table.computed = plain.get(this.idOf(table.root));
    const unknown = found.keys.filter((key) => !this.adopt(key));
    this.report([
      ...this.secondEntities(),
      ...unknown.flatMap((key) => this.foreignKeyMessage(key)),
      ...found.triggers.flatMap((trigger) => this.triggerMessage(trigger)),
    ]);
  }

  /** Takes a foreign key for a declared one; `false` where no entities stand for both of its ends. */
  private adopt(key: ForeignKeyFound): boolean {
    if (!ACTIONS.includes(key.onDelete) && !ACTIONS.includes(key.onUpdate)) return true;
    const parents = this.entities.get(key.referencedTable) ?? [];
    const pairs = (this.entities.get(key.table) ?? []).flatMap((dependent) => {
      const columns = columnsOf(dependent, key.columns);
      return parents.flatMap((parent) => {
        const referencedColumns =
          key.referencedColumns.length === 0
            ? parent.primaryColumns
            : columnsOf(parent, key.referencedColumns);
        return columns && referencedColumns ? [{ dependent, parent, columns, referencedColumns }] : [];
      });
    });
    for (const { dependent, parent, columns, referencedColumns } of pairs) {
      const { onDelete, onUpdate } = key as { onDelete: ConstraintAction; onUpdate: ConstraintAction };
      this.tools.schema.addConstraint(parent, {
        dependent,
        key: { columns, referencedColumns, onDelete, onUpdate },
      });
    }
    return pairs.length > 0;
  }

  private foreignKeyMessage({ name, table, referencedTable, onDelete, onUpdate }: ForeignKeyFound): string[] {
    const actions = [`ON DELETE ${onDelete}`, `ON UPDATE ${onUpdate}`].filter((action) =>
      ACTIONS.some((word) => action.endsWith(word)),
    );
    return this.tracked(table).map(
      (entity) =>
        `The foreign key "${name}" from ${table} to ${referencedTable} (${actions.join(', ')}) writes ${entity} without ` +
        "TypeORM's query builders, so that its changes make no events: no entity has both ends of it. Let entities " +
        'declare them, or let the constraint refuse (NO ACTION).',
    );
  }

  private triggerMessage({ name, table, body }: TriggerFound): string[] {
    // A name alone is taken for one of the trigger's own schema.
    const own = table.includes('.') ? table.slice(0, table.indexOf('.')) : undefined;
    const written = new Set(
      tablesNamed(body, this.tools.dialect.name).map(({ schema = own, table: other }) =>
        (schema === undefined ? other : `${schema}.${other}`).toLowerCase(),
      ),
    );
    const entities = [...this.entities.keys()]
      .filter((id) => written.has(id.toLowerCase()))
      .flatMap((id) => this.tracked(id));
    if (entities.length === 0) return [];
    return [
      `The trigger "${name}" of ${table} writes ${entities.join(', ')} without TypeORM's query builders, so that its changes ` +
        'of other rows make no events. Make these changes in the application.',
    ];
  }

  /** Other entities of a tracked table, or of a join table of one: what is written through them is written past capture. */
  private secondEntities(): string[] {
    return [...this.entities].flatMap(([id, entities]) => {
      const tracked = this.tracked(id);
      const others = entities.filter((entity) => this.trackedBy(entity).length === 0);
      return tracked.flatMap((name) =>
        others.map(
          (other) =>
            `The entity ${other.name} has a table of the tracked entity ${name} ("${other.tableName}"): what is written ` +
            `through it makes no events. Write through ${name}.`,
        ),
      );
    });
  }

  /** Names of tracked entities whose rows, or lists of related objects, are in a table. */
  private tracked(id: string): string[] {
    return (this.entities.get(id) ?? []).flatMap((metadata) => this.trackedBy(metadata));
  }

  private trackedBy(metadata: EntityMetadata): string[] {
    const { schema } = this.tools;
    return [
      ...(schema.table(metadata) === undefined ? [] : [metadata.name]),
      ...schema.ownersOf(metadata).map(({ table }) => table.root.name),
    ];
  }

  private report(messages: readonly string[]): void {
    const { options, logger } = this.tools;
    if (messages.length === 0 || options.uncaptured === 'ignore') return;
    if (options.uncaptured === 'refuse')
      throw new CaptureError('WEBHOOKS_WRITE_UNCAPTURED', messages.join('\n'));
    for (const message of messages) logger.warn(message);
  }

  private idOf(metadata: EntityMetadata): string {
    return tableId(this.tools.dataSource, this.tools.dialect, metadata);
  }
}

function columnsOf({ columns }: EntityMetadata, names: readonly string[]): ColumnMetadata[] | undefined {
  const found = names.flatMap((name) => columns.find(({ databaseName }) => databaseName === name) ?? []);
  return found.length === names.length ? found : undefined;
}
