import { isDeepStrictEqual } from 'node:util';
import type { DataSource, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { isHeldAsGiven } from './held-as-given.js';
import type { Image } from './image.js';
import { toJsonText } from '../common/json-text.js';
import { isHidden, isOfChild } from '../tracking/entity-members.js';
import { isPlainDate } from './plain-text.js';

interface Field {
  readonly path: readonly string[];
  readonly read: (image: Image) => unknown;
  readonly isSameIn: (image: Image, other: Image) => boolean;
}

/** An embedded object is one property of several fields. */
interface Property {
  readonly name: string;
  readonly fields: readonly Field[];
}

/** In what two states of an object differ. */
export interface Difference {
  /** Names of the properties. The order of keys inside a JSON value is no difference. */
  readonly changed: readonly string[];
  /** Properties that may be written differently, if only in the order of keys. */
  readonly rewritten: readonly Property[];
}

/** Turns images of one entity into snapshots: columns by property name, relations as keys, nothing hidden. */
export class SnapshotShape {
  /** Names of the properties, in the order in which texts have them. */
  readonly names: readonly string[];
  private readonly properties: readonly Property[];
  /** Every property without its value: a copy is filled in faster than an object that grows. */
  private readonly blank: Readonly<Record<string, unknown>>;

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
    const properties = new Map<string, Field[]>();
    for (const field of [...columns, ...references, ...lists]) {
      const name = field.path[0] as string;
      if (!isHidden(metadata, field.path)) properties.set(name, [...(properties.get(name) ?? []), field]);
    }
    this.names = [...properties.keys()];
    this.properties = [...properties].map(([name, fields]) => ({ name, fields }));
    this.blank = Object.fromEntries(this.names.map((name) => [name, undefined]));
  }

  /** The snapshot of an image, as JSON text. */
  text(image: Image): string {
    return toJsonText(this.values(image));
  }

  difference(before: Image, after: Image): Difference {
    let changed: readonly string[] = [];
    let rewritten: readonly Property[] = [];
    // Of all properties of all objects that a transaction has changed: loops and short lists, for they make little.
    for (const property of this.properties) {
      if (isSameProperty(property, before, after)) continue;
      rewritten = [...rewritten, property];
      const { name, fields } = property;
      if (!isSameJson(valueOf(fields, before), valueOf(fields, after))) changed = [...changed, name];
    }
    return { changed, rewritten };
  }

  /** The values of an image's properties, ready for {@link toJsonText}. */
  values(image: Image): Record<string, unknown> {
    return this.put({ ...this.blank }, image, this.properties);
  }

  /** Makes the values of an image those of another that differs in these properties. */
  put(
    values: Record<string, unknown>,
    image: Image,
    properties: readonly Property[],
  ): Record<string, unknown> {
    for (const { name, fields } of properties) values[name] = valueOf(fields, image);
    return values;
  }

  private column(column: ColumnMetadata): Field {
    const { databaseName, propertyPath } = column;
    const hydrate = this.hydration(column);
    return {
      path: propertyPath.split('.'),
      read: ({ row }) => hydrate(row[databaseName]),
      isSameIn: ({ row }, other) => isSameValue(row[databaseName], other.row[databaseName]),
    };
  }

  private reference({ propertyPath, joinColumns }: RelationMetadata): Field {
    const toKey = this.keyReader(joinColumns);
    const names = joinColumns.map(({ databaseName }) => databaseName);
    return {
      path: propertyPath.split('.'),
      read: ({ row }) => toKey(names.map((name) => row[name])),
      isSameIn: ({ row }, other) => names.every((name) => row[name] === other.row[name]),
    };
  }

  private list({ propertyPath, junctionEntityMetadata }: RelationMetadata): Field {
    const toKey = this.keyReader(junctionEntityMetadata?.inverseColumns ?? []);
    return {
      path: propertyPath.split('.'),
      read: ({ links }) => (links.get(propertyPath) ?? []).map(toKey).toSorted(compareKeys),
      isSameIn: ({ links }, other) => links.get(propertyPath) === other.links.get(propertyPath),
    };
  }

  /** Reads the key of a related object: its value, or an object by property name when it has several columns. */
  private keyReader(columns: readonly ColumnMetadata[]): (values: readonly unknown[]) => unknown {
    const parts = columns.map((column) => ({
      name: column.referencedColumn?.propertyPath ?? column.propertyName,
      hydrate: this.hydration(column.referencedColumn ?? column),
    }));
    const [part, ...others] = parts;
    if (part !== undefined && others.length === 0) return ([value]) => part.hydrate(value) ?? null;
    return (values) => {
      const key = parts.map(({ name, hydrate }, index) => [name, hydrate(values[index])] as const);
      return key.every(([, value]) => isNothing(value)) ? null : Object.fromEntries(key);
    };
  }

  /** Makes of a column's value what a snapshot has of it. */
  private hydration(column: ColumnMetadata): (value: unknown) => unknown {
    if (isHeldAsGiven(column)) return (value) => value;
    const { driver } = this.dataSource;
    return (value) => {
      const hydrated: unknown = driver.prepareHydratedValue(value, column);
      // JSON.stringify would write the same, but takes twice as long for an object that holds a date.
      const isDate = hydrated instanceof Date && isPlainDate(hydrated) && !Number.isNaN(hydrated.getTime());
      return isDate ? hydrated.toISOString() : hydrated;
    };
  }
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}

function isSameProperty({ fields }: Property, before: Image, after: Image): boolean {
  for (const { isSameIn } of fields) if (!isSameIn(before, after)) return false;
  return true;
}

/** Whether two values say the same as JSON, in whatever order of keys. */
function isSameJson(value: unknown, other: unknown): boolean {
  if (typeof value === 'string' && typeof other === 'string') return value === other;
  const [text, otherText] = [toJsonText(value), toJsonText(other)];
  return text === otherText || isDeepStrictEqual(JSON.parse(text), JSON.parse(otherText));
}

/** Whether the driver gave the same value twice; objects but dates count as different. */
function isSameValue(value: unknown, other: unknown): boolean {
  return (
    value === other || (value instanceof Date && other instanceof Date && value.getTime() === other.getTime())
  );
}

function valueOf(fields: readonly Field[], image: Image): unknown {
  const [first] = fields;
  if (first?.path.length === 1) return first.read(image);
  const value: Record<string, unknown> = {};
  for (const { path, read } of fields) {
    let holder = value;
    for (const part of path.slice(1, -1)) holder = (holder[part] ??= {}) as Record<string, unknown>;
    holder[path.at(-1) as string] = read(image);
  }
  return value;
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
