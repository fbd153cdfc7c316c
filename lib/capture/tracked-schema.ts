import type { DataSource, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { trackedEntity } from '../tracking/tracked-entity.js';
import { TrackedTable } from './tracked-table.js';

/** A join table seen from the tracked entity that owns the relation. */
export interface JunctionOwner {
  readonly table: TrackedTable;
  readonly relation: RelationMetadata;
  /** Columns of the join table that refer to the owner. */
  readonly columns: readonly ColumnMetadata[];
}

/** What a constraint does to rows that refer to others. */
export type ConstraintAction = 'CASCADE' | 'SET NULL' | 'SET DEFAULT';

/** A constraint through which the database itself changes rows of `dependent`. */
export interface Dependency {
  readonly dependent: EntityMetadata;
  readonly key: {
    readonly columns: readonly ColumnMetadata[];
    readonly referencedColumns: readonly ColumnMetadata[];
    readonly onDelete?: string | undefined;
    readonly onUpdate?: string | undefined;
  };
}

/** What capture must know of the data source's entities, looked up once. */
export class TrackedSchema {
  private readonly tables = new Map<EntityMetadata, TrackedTable>();
  private readonly owners = new Map<EntityMetadata, JunctionOwner[]>();
  private readonly dependencies = new Map<EntityMetadata, Dependency[]>();

  constructor(private readonly dataSource: DataSource) {
    for (const root of dataSource.entityMetadatas) this.addTable(root);
    for (const table of this.all()) {
      for (const relation of table.manyToMany) this.addOwner(table, relation);
    }
    for (const metadata of dataSource.entityMetadatas) {
      for (const key of metadata.foreignKeys) {
        this.addConstraint(key.referencedEntityMetadata, { dependent: rootOf(metadata), key });
      }
    }
  }

  /** Every tracked table once. */
  all(): TrackedTable[] {
    return [...new Set(this.tables.values())];
  }

  /** The tracked table of an entity, its parents and children in the same table included. */
  table(metadata: EntityMetadata): TrackedTable | undefined {
    return this.tables.get(metadata);
  }

  /** The tracked entities whose many-to-many relations are kept in this join table. */
  ownersOf(junction: EntityMetadata): readonly JunctionOwner[] {
    return this.owners.get(junction) ?? [];
  }

  /** Constraints by which a deleted or re-keyed row of this entity changes others. */
  dependenciesOf(metadata: EntityMetadata): readonly Dependency[] {
    return this.dependencies.get(rootOf(metadata)) ?? [];
  }

  /** Makes a constraint known, in place of what was known of the same columns. */
  addConstraint(referenced: EntityMetadata, dependency: Dependency): void {
    const root = rootOf(referenced);
    const known = this.dependenciesOf(root);
    // Children under single-table inheritance repeat the constraints of their parent.
    const place = known.findIndex(
      (other) => other.dependent === dependency.dependent && namesOf(other) === namesOf(dependency),
    );
    this.dependencies.set(root, place < 0 ? [...known, dependency] : known.with(place, dependency));
  }

  private addTable(root: EntityMetadata): void {
    if (rootOf(root) !== root || root.tableType === 'view') return;
    const kinds = this.dataSource.entityMetadatas.filter((metadata) => rootOf(metadata) === root);
    if (!kinds.some(({ target }) => trackedEntity(target) !== undefined)) return;
    const table = new TrackedTable(this.dataSource, root, kinds);
    for (const kind of kinds) this.tables.set(kind, table);
  }

  private addOwner(table: TrackedTable, relation: RelationMetadata): void {
    const junction = relation.junctionEntityMetadata;
    if (junction === undefined) return;
    const owner = { table, relation, columns: junction.ownerColumns };
    this.owners.set(junction, [...this.ownersOf(junction), owner]);
  }
}

/** The entity that owns the table: the topmost parent under single-table inheritance. */
export function rootOf(metadata: EntityMetadata): EntityMetadata {
  return metadata.tableType === 'entity-child' && metadata.parentEntityMetadata
    ? rootOf(metadata.parentEntityMetadata)
    : metadata;
}

function namesOf({ key }: Dependency): string {
  return key.columns.map(({ databaseName }) => databaseName).join();
}
