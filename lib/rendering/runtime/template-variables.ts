import { cloneData, type CloneCount } from '../values/clone-data.js';
import type { Value } from '../values/value.js';

/**
 * The variables a template is rendered with: copies of the own properties of an object, each made when it is first
 * read. The copies are frozen, so that the templates of one request can share them.
 */
export class TemplateVariables {
  readonly #source: object;
  readonly #copies = new Map<string, Value>();
  readonly #count: CloneCount = { nodes: 0 };

  constructor(source: object) {
    this.#source = source;
  }

  /** The variable, undefined when there is none. */
  get(name: string): Value {
    const copy = this.#copies.get(name);
    if (copy !== undefined || this.#copies.has(name) || !Object.hasOwn(this.#source, name)) return copy;
    const made = cloneData((this.#source as Record<string, unknown>)[name], this.#count);
    this.#copies.set(name, made);
    return made;
  }
}
