const MAX_ENTRIES = 500;
const MAX_CHARACTERS = 1_000_000;

/** Keeps what was made of the sources used last. Bounded by number and by the characters of the sources. */
export class SourceCache<T> {
  readonly #entries = new Map<string, T>();
  #characters = 0;

  /** What was made of the source; makes it when it is not kept. */
  get(source: string, make: () => T): T {
    const kept = this.#entries.get(source);
    if (kept !== undefined) {
      this.#entries.delete(source);
      this.#entries.set(source, kept);
      return kept;
    }
    const made = make();
    this.#entries.set(source, made);
    this.#characters += source.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MAX_ENTRIES && this.#characters <= MAX_CHARACTERS) break;
      this.#entries.delete(oldest);
      this.#characters -= oldest.length;
    }
    return made;
  }
}
