import type { DataSource, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { toJsonText } from '../common/json-text.js';
import { trackedEntity, type TrackedEntity } from '../tracking/tracked-entity.js';

/** A row as the driver gives it, by column name. */
export type Row = Readonly<Record<string, unknown>>;

/** A primary key as the driver gives and takes it, in the order of the key's columns. */
export type Key = readonly unknown[];

/** An object before and after its primary key changed. */
export interface KeyChange {
  readonly from: Key;
  readonly to: Key;
}

/** One table that holds objects of at least one tracked entity; several with single-table inheritance. */
export class TrackedTable {
  /** Every column of the table. */
  readonly columns: readonly ColumnMetadata[];
  readonly keyColumns: readonly ColumnMetadata[];
  /** Many-to-many relations whose join table this side owns. */
  readonly manyToMany: readonly RelationMetadata[];
  /** Declared relations that are one row of one table, without further relations of their own. */
  readonly plainReferences: readonly RelationMetadata[];
  /**
   * Names of the columns that the database computes itself, once it is known that no trigger, rule, policy or
   * inheriting table takes part in an UPDATE: what that returns is then what is there.
   */
  computed: ReadonlySet<string> | undefined;
  /** Names of the models its rows may be. */
  readonly models: ReadonlySet<string>;
  private readonly tracked = new Map<EntityMetadata, TrackedEntity>();
  private readonly byDiscriminator = new Map<string, EntityMetadata>();

  constructor(
    private readonly dataSource: DataSource,
    readonly root: EntityMetadata,
    kinds: readonly EntityMetadata[],
  ) {
    this.columns = root.columns.filter((column) => !column.isVirtualProperty);
    this.keyColumns = root.primaryColumns;
    const relations = new Map<string, RelationMetadata>();
    for (const kind of kinds) {
      const entity = trackedEntity(kind.target);
      if (entity === undefined) continue;
      this.tracked.set(kind, entity);
      this.byDiscriminator.set(discriminator(kind.discriminatorValue), kind);
      for (const relation of kind.manyToManyRelations) {
        if (relation.isOwning) relations.set(relation.propertyPath, relation);
      }
    }
    this.manyToMany = [...relations.values()];
    this.plainReferences =
      root.discriminatorColumn === undefined ? plainReferences(root, this.tracked.get(root)) : [];
    this.models = new Set([...this.tracked.values()].map(({ model }) => model));
  }

  /** Whether its statements tell their rows as they are then. Of trees TypeORM writes raw SQL beside them. */
  get tellsRows(): boolean {
    return this.computed !== undefined && this.root.treeType === undefined;
  }

  /** The entity a row is of; `undefined` when that one did not opt in. */
  kindOf(row: Row): EntityMetadata | undefined {
    const { discriminatorColumn } = this.root;
    if (discriminatorColumn === undefined) return this.root;
    return this.byDiscriminator.get(discriminator(row[discriminatorColumn.databaseName]));
  }

  /** What a tracked kind says of itself. */
  entityOf(kind: EntityMetadata): TrackedEntity {
    return this.tracked.get(kind) as TrackedEntity;
  }

  keyOf(row: Row): Key {
    return this.keyColumns.map(({ databaseName }) => row[databaseName]);
  }

  /** As much of a row as its key and its entity tell. */
  rowOf(key: Key, { discriminatorColumn, discriminatorValue }: Partial<EntityMetadata> = {}): Row {
    const parts = this.keyColumns.map(({ databaseName }, index) => [databaseName, key[index]]);
    const kind = discriminatorColumn ? { [discriminatorColumn.databaseName]: discriminatorValue } : {};
    return { ...kind, ...(Object.fromEntries(parts) as Row) };
  }

  /** The key of an object as TypeORM's entities hold it; `undefined` when a part is missing. */
  keyOfEntity(entity: object | undefined): Key | undefined {
    if (entity === undefined) return undefined;
    const key = this.keyColumns.map(
      (column) =>
        this.dataSource.driver.preparePersistentValue(column.getEntityValue(entity), column) as unknown,
    );
    return key.every((value) => value !== undefined && value !== null) ? key : undefined;
  }

  /** A text that is the same for the same object, whichever way the key came. */
  keyText(key: Key): string {
    return `${this.root.tablePath} ${keyValuesText(key)}`;
  }

  /** The key as entities hold it. */
  hydratedKey(key: Key): unknown[] {
    return this.keyColumns.map(
      (column, index) => this.dataSource.driver.prepareHydratedValue(key[index], column) as unknown,
    );
  }

  /** How events name the object: its key as text, or a JSON list for a key of several columns. */
  objectId(key: Key): string {
    const values = this.hydratedKey(key);
    const text = toJsonText(values.length === 1 ? values[0] : values);
    return text.startsWith('"') ? (JSON.parse(text) as string) : text;
  }
}

/** A text that is the same for as many of the same values, whichever way they came. */
export function keyValuesText(values: readonly unknown[]): string {
  return values.length === 1 ? keyPart(values[0]) : JSON.stringify(values.map(keyPart));
}

function plainReferences(root: EntityMetadata, entity: TrackedEntity | undefined): RelationMetadata[] {
  const paths = entity?.relations ?? [];
  return paths.flatMap((path) => {
    const relation = root.findRelationWithPropertyPath(path);
    const isPlain =
      relation?.isWithJoinColumn === true &&
      relation.inverseEntityMetadata.discriminatorColumn === undefined &&
      relation.inverseEntityMetadata.columns.every((column) => !column.isVirtualProperty) &&
      relation.inverseEntityMetadata.eagerRelations.length === 0 &&
      !paths.some((other) => other.startsWith(`${path}.`));
    return isPlain ? [relation] : [];
  });
}

function discriminator(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function keyPart(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return value instanceof Date ? value.toISOString() : String(value);
}
