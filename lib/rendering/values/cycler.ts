import { TemplateFunction } from './template-function.js';
import { TemplateObject, type Value } from './value.js';

/** What `cycler(…)` gives: `next()` answers the items in turn, for ever. */
export class Cycler extends TemplateObject {
  readonly #items: readonly Value[];
  #index = -1;

  constructor(items: readonly Value[]) {
    super();
    this.#items = items;
  }

  override member(name: string): Value {
    switch (name) {
      case 'current':
        return this.#index === -1 ? null : this.#items[this.#index];
      case 'next':
        return new TemplateFunction(() => {
          this.#index = (this.#index + 1) % Math.max(this.#items.length, 1);
          return this.#items[this.#index];
        });
      case 'reset':
        return new TemplateFunction(() => {
          this.#index = -1;
          return undefined;
        });
      default:
        return undefined;
    }
  }
}
