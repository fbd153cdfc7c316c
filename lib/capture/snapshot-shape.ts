import type { DataSource, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { Image } from './image.js';
import { isOfChild } from './entity-members.js';
import { isHidden } from './hidden-paths.js';
import { Snapshot } from './snapshot.js';

interface Field {
  readonly path: readonly string[];
  read(image: Image): unknown;
}

/** Turns images of one entity into snapshots: columns by property name, relations as keys, nothing hidden. */
export class SnapshotShape {
  private readonly fields: readonly Field[];

  constructor(
    private readonly dataSource: DataSource,
    metadata: EntityMetadata,
  ) {
    const columns = metadata.columns
      .filter((column) => !column.isVirtual && !column.isVirtualProperty && !isOfChild(metadata, column))
      .map((column) => this.column(column));
    const references = metadata.relations
      .filter((relation) => relation.isOwning && relation.joinColumns.length > 0 && !relation.isManyToMany)
      .filter((relation) => !isOfChild(metadata, relation))
      .map((relation) => this.reference(relation));
    const lists = metadata.manyToManyRelations
      .filter((relation) => relation.isOwning && !isOfChild(metadata, relation))
      .map((relation) => this.list(relation));
    this.fields = [...columns, ...references, ...lists].filter(({ path }) => !isHidden(metadata, path));
  }

  snapshot(image: Image): Snapshot {
    const properties: Record<string, unknown> = {};
    for (const { path, read } of this.fields) {
      let holder = properties;
      for (const part of path.slice(0, -1)) holder = (holder[part] ??= {}) as Record<string, unknown>;
      holder[path.at(-1) as string] = read(image);
    }
    return new Snapshot(properties);
  }

  private column(column: ColumnMetadata): Field {
    return {
      path: column.propertyPath.split('.'),
      read: ({ row }) => this.hydrate(row[column.databaseName], column),
    };
  }

  private reference({ propertyPath, joinColumns }: RelationMetadata): Field {
    return {
      path: propertyPath.split('.'),
      read: ({ row }) =>
        this.key(
          joinColumns,
          joinColumns.map(({ databaseName }) => row[databaseName]),
        ),
    };
  }

  private list({ propertyPath, junctionEntityMetadata }: RelationMetadata): Field {
    const columns = junctionEntityMetadata?.inverseColumns ?? [];
    return {
      path: propertyPath.split('.'),
      read: ({ links }) =>
        (links.get(propertyPath) ?? []).map((key) => this.key(columns, key)).toSorted(compareKeys),
    };
  }

  /** The key of a related object: its value, or an object by property name when it has several columns. */
  private key(columns: readonly ColumnMetadata[], values: readonly unknown[]): unknown {
    const parts = columns.map(
      (column, index) =>
        [
          column.referencedColumn?.propertyPath ?? column.propertyName,
          this.hydrate(values[index], column.referencedColumn ?? column),
        ] as const,
    );
    if (parts.every(([, value]) => value === null || value === undefined)) return null;
    return parts.length === 1 ? parts[0]?.[1] : Object.fromEntries(parts);
  }

  private hydrate(value: unknown, column: ColumnMetadata): unknown {
    return this.dataSource.driver.prepareHydratedValue(value, column) as unknown;
  }
}

const DIGITS = /^\d+$/;

/** Numbers by value, also those that are text because they are large; everything else by its text. */
function compareKeys(left: unknown, right: unknown): number {
  const [a, b] = [keyOrder(left), keyOrder(right)];
  if (DIGITS.test(a) && DIGITS.test(b) && a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

function keyOrder(key: unknown): string {
  return typeof key === 'string' ? key : JSON.stringify(key);
}
