import type { Row } from './tracked-table.js';

/** Keys of related objects, each a list of values as the driver gives them. */
export type LinkedKeys = readonly (readonly unknown[])[];

/** The state of one object in the database. */
export interface Image {
  readonly row: Row;
  /**
   * What its many-to-many relations point to, by property path. In a pre-image only those that were about to change:
   * the others are what the post-image says, since every captured change of them locks the owner.
   */
  readonly links: Map<string, LinkedKeys>;
  /** Rows that declared relations refer to, by property name, where they came with the row itself. */
  readonly related?: ReadonlyMap<string, Row | null>;
}
