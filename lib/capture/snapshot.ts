import { isDeepStrictEqual } from 'node:util';

/** The names of a snapshot's properties, in their order, also as JSON text. */
export class SnapshotNames {
  readonly texts: readonly string[];

  constructor(readonly names: readonly string[]) {
    this.texts = names.map((name) => JSON.stringify(name));
  }
}

/** The flat state of an object: JSON text by property, serialised once. */
export class Snapshot {
  /** @param texts - JSON text of each property, in the order of the names */
  constructor(
    private readonly properties: SnapshotNames,
    readonly texts: readonly string[],
  ) {}

  get names(): readonly string[] {
    return this.properties.names;
  }

  /** The whole as JSON text. */
  toText(): string {
    let text = '';
    this.texts.forEach((value, index) => {
      text += `${index === 0 ? '{' : ','}${this.properties.texts[index]}:${value}`;
    });
    return text === '' ? '{}' : `${text}}`;
  }

  /**
   * Names of the properties in which another snapshot of the same shape differs. The order of keys inside a JSON value
   * is no difference.
   */
  changedIn(other: Snapshot): string[] {
    return this.names.filter((_, index) => {
      const [before = '', after = ''] = [this.texts[index], other.texts[index]];
      return before !== after && !isDeepStrictEqual(JSON.parse(before), JSON.parse(after));
    });
  }
}
