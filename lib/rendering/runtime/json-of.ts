import { MAX_VALUE_DEPTH } from '../template-limits.js';
import { isDict, type Value } from '../values/value.js';
import type { Rendering } from './rendering.js';

/**
 * A value as JSON text, as `JSON.stringify` writes it; undefined when JSON has no word for the value.
 *
 * Written here so that every part is counted before the next is made.
 */
export function jsonOf(value: Value, rendering: Rendering, indent = ''): string | undefined {
  return new JsonWriter(rendering, indent).write(value, '');
}

class JsonWriter {
  readonly #rendering: Rendering;
  readonly #indent: string;
  #depth = 0;

  constructor(rendering: Rendering, indent: string) {
    this.#rendering = rendering;
    this.#indent = indent;
  }

  write(value: Value, margin: string): string | undefined {
    switch (typeof value) {
      case 'string':
        this.#rendering.budget.text(value.length);
        return this.#text(value);
      case 'number':
        return Number.isFinite(value) ? String(value) : 'null';
      case 'boolean':
        return String(value);
      case 'undefined':
        return undefined;
      default:
        if (value === null) return 'null';
        if (Array.isArray(value)) return this.#list(value, margin);
        return isDict(value) ? this.#dict(value, margin) : undefined;
    }
  }

  #text(value: string): string {
    const text = JSON.stringify(value);
    if (text.length > 2 * value.length) this.#rendering.budget.text(text.length);
    return text;
  }

  #list(list: readonly Value[], margin: string): string {
    return this.#around('[', ']', margin, (inner) => list.map((item) => this.write(item, inner) ?? 'null'));
  }

  #dict(dict: Readonly<Record<string, Value>>, margin: string): string {
    return this.#around('{', '}', margin, (inner) => {
      const members: string[] = [];
      for (const key of Object.keys(dict)) {
        const text = this.write(dict[key], inner);
        const colon = this.#indent === '' ? ':' : ': ';
        if (text !== undefined) members.push(`${JSON.stringify(key)}${colon}${text}`);
      }
      return members;
    });
  }

  #around(open: string, close: string, margin: string, members: (inner: string) => string[]): string {
    const { budget } = this.#rendering;
    if (++this.#depth > MAX_VALUE_DEPTH) {
      throw this.#rendering.mismatch('A value is nested too deeply for JSON, or holds itself.');
    }
    const inner = margin + this.#indent;
    const parts = members(inner);
    this.#depth--;
    budget.step(1 + (parts.length >> 2));
    if (parts.length === 0) return open + close;
    const [before, between, after] =
      this.#indent === '' ? ['', ',', ''] : [`\n${inner}`, `,\n${inner}`, `\n${margin}`];
    const total = parts.reduce(
      (sum, part) => sum + part.length + between.length,
      before.length + after.length,
    );
    budget.text(total);
    return `${open}${before}${parts.join(between)}${after}${close}`;
  }
}
