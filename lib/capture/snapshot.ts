import { isDeepStrictEqual } from 'node:util';
import { toJsonText } from '../common/json-text.js';

/** The flat state of an object: JSON text by property name. Each value is serialised once. */
export class Snapshot {
  private readonly texts = new Map<string, string>();

  constructor(properties: Readonly<Record<string, unknown>>) {
    for (const [name, value] of Object.entries(properties)) this.texts.set(name, toJsonText(value));
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
