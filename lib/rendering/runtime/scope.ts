import type { Value } from '../values/value.js';

/** The variables of one level of a template: the template itself, a loop, or a call of a macro. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly #isolated: boolean;
  readonly #variables = new Map<string, Value>();

  /** `isolated`: assignments made inside stay inside. */
  constructor(parent: Scope | undefined, isolated: boolean) {
    this.parent = parent;
    this.#isolated = isolated;
  }

  /** The nearest level that has the variable. */
  find(name: string): Scope | undefined {
    if (this.#variables.has(name)) return this;
    return this.parent?.find(name);
  }

  /** The variable of this level. */
  get(name: string): Value {
    return this.#variables.get(name);
  }

  /** Sets the variable of this level. */
  declare(name: string, value: Value): void {
    this.#variables.set(name, value);
  }

  /** Sets the variable where it was declared, or in this level when no level that may be changed has it. */
  assign(name: string, value: Value): void {
    (this.#holder(name) ?? this).declare(name, value);
  }

  #holder(name: string): Scope | undefined {
    if (this.#variables.has(name)) return this;
    if (this.#isolated || this.parent === undefined) return undefined;
    return this.parent.#holder(name);
  }
}
