import type { EntityMetadata } from 'typeorm';
import { columnsShown } from './entity-from-image.js';
import { isPlain, plainText } from './plain-text.js';
import { removeHidden } from './remove-hidden.js';

type Values = Readonly<Record<string, unknown>>;

/**
 * Puts `data` together from what a snapshot has read already, for entities that are nothing but their columns and
 * relations. To make an entity of each object first would take as long as all the rest.
 */
export class PlainData {
  /** Plain values of related objects, which many have in common. */
  private readonly related = new WeakMap<object, unknown>();
  private readonly blank: Values;

  /**
   * @param properties - in the order in which an entity has them
   * @param isOrdered - whether a snapshot has the same ones in the same order
   */
  private constructor(
    private readonly properties: readonly { readonly name: string; readonly isRelation: boolean }[],
    private readonly isOrdered: boolean,
  ) {
    this.blank = Object.fromEntries(properties.map(({ name }) => [name, undefined]));
  }

  /**
   * What an entity tells of all others of its kind; `null` where its class adds something of its own.
   *
   * @param entity - as it is serialised, nothing hidden
   * @param related - what its declared relations hold
   * @param names - of the properties of its snapshots
   */
  static of(
    entity: object,
    kind: EntityMetadata,
    related: Values,
    names: readonly string[],
  ): PlainData | null {
    const shown = namesOf(columnsShown(kind));
    const declared = namesOf([...kind.columns, ...kind.relations]);
    const isOfRow = ([name, { get, value }]: [string, PropertyDescriptor]) =>
      get === undefined &&
      (shown.has(name) || Object.hasOwn(related, name) || (declared.has(name) && value === undefined));
    const isPlainKind =
      kind.afterLoadListeners.length === 0 &&
      // A property of the class itself takes what is set, and may keep it elsewhere.
      [...shown].every((name) => Object.hasOwn(entity, name)) &&
      Object.entries(Object.getOwnPropertyDescriptors(entity)).every(isOfRow) &&
      isPlain(entity);
    if (!isPlainKind) return null;
    const properties = Object.keys(entity).map((name) => ({
      name,
      isRelation: Object.hasOwn(related, name),
    }));
    const own = properties.filter(({ name, isRelation }) => isRelation || shown.has(name));
    const isOrdered = own.length === names.length && own.every(({ name }, index) => name === names[index]);
    return new PlainData(own, isOrdered);
  }

  /**
   * The JSON text of an object's `data`; `undefined` where only an entity can tell it.
   *
   * @param values - of its properties, ready for JSON; nobody's any more
   * @param related - what its declared relations hold
   */
  text(values: Record<string, unknown>, related: Values): string | undefined {
    const data = this.isOrdered ? values : { ...this.blank };
    for (const { name, isRelation } of this.properties) {
      const value = isRelation ? this.plain(related[name]) : values[name];
      if (!isRelation && !isPlainValue(value)) return undefined;
      data[name] = value;
    }
    return JSON.stringify(data);
  }

  /** A related object, or a list of them, as plain values. */
  private plain(object: unknown): unknown {
    if (typeof object !== 'object' || object === null) return object;
    let value = this.related.get(object);
    if (value === undefined) {
      removeHidden(object);
      this.related.set(object, (value = JSON.parse(plainText(object))));
    }
    return value;
  }
}

/** Paths, so that what is inside of embedded objects is no property of the entity. */
function namesOf(properties: readonly { readonly propertyPath: string }[]): Set<string> {
  return new Set(properties.map(({ propertyPath }) => propertyPath));
}

/** Whether a column's value is written as it is. A transformer may make anything of it, also what has hidden parts. */
function isPlainValue(value: unknown): boolean {
  if (typeof value === 'object') removeHidden(value);
  return isPlain(value);
}
