import { TemplateFunction } from './template-function.js';
import { TemplateObject, type Value } from './value.js';

/** The variable `loop` of a for loop. */
export class LoopState extends TemplateObject {
  index0 = 0;
  length = 0;

  override member(name: string): Value {
    switch (name) {
      case 'index':
        return this.index0 + 1;
      case 'index0':
        return this.index0;
      case 'revindex':
        return this.length - this.index0;
      case 'revindex0':
        return this.length - this.index0 - 1;
      case 'first':
        return this.index0 === 0;
      case 'last':
        return this.index0 === this.length - 1;
      case 'length':
        return this.length;
      case 'cycle':
        return new TemplateFunction(({ positional }) => positional[this.index0 % positional.length]);
      default:
        return undefined;
    }
  }
}
