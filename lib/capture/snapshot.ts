import { isDeepStrictEqual } from 'node:util';

/** The flat state of an object: JSON text by property name, serialised once. */
export class Snapshot {
  /** @param texts - JSON text by property name, in the order of the whole */
  constructor(private readonly texts: ReadonlyMap<string, string>) {}

  /** The text of a property. */
  textOf(name: string): string | undefined {
    return this.texts.get(name);
  }

  get names(): string[] {
    return [...this.texts.keys()];
  }

  /** The whole as JSON text. */
  toText(): string {
    const members = [...this.texts].map(([name, text]) => `${JSON.stringify(name)}:${text}`);
    return `{${members.join(',')}}`;
  }

  /** Names of the properties in which another snapshot differs. The order of keys inside a JSON value is no difference. */
  changedIn(other: Snapshot): string[] {
    const names = new Set([...this.names, ...other.names]);
    return [...names].filter((name) => {
      const before = this.texts.get(name);
      const after = other.texts.get(name);
      if (before === after) return false;
      if (before === undefined || after === undefined) return true;
      return !isDeepStrictEqual(JSON.parse(before), JSON.parse(after));
    });
  }
}
