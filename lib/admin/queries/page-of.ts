/** A part of a list, newest first. */
export interface PageOf<Item> {
  readonly items: readonly Item[];
  /** The cursor of the next page; `null` when this is the last. */
  readonly next: string | null;
  /**
   * A search that finds little stops after a bounded number of rows: it got back to this time. `null` when the page
   * is full or the list ends.
   */
  readonly searchedTo: Date | null;
}

/** Which part of a list. */
export interface PageRequest {
  /** Of the page before. */
  readonly cursor?: string;
  readonly limit: number;
}
