import type { Row } from './tracked-table.js';

/** Keys of related objects, each a list of values as the driver gives them. */
export type LinkedKeys = readonly (readonly unknown[])[];

/** Of all images that tell no links: a map for each would be most of what they take. */
export const NO_LINKS: Image['links'] = new Map();

/** The state of one object in the database. */
export interface Image {
  readonly row: Row;
  /**
   * What its many-to-many relations point to, by property path. In a pre-image only those that were about to change:
   * the others are what the post-image says, since every captured change of them locks the owner.
   */
  readonly links: ReadonlyMap<string, LinkedKeys>;
  /** Rows that declared relations refer to, by property name, where they came with the row itself. */
  readonly related?: Readonly<Record<string, Row | null>>;
}

/** An image that tells more of its links. */
export function withLinks(image: Image, propertyPath: string, keys: LinkedKeys = []): Image {
  return { ...image, links: new Map([...image.links, [propertyPath, keys]]) };
}
