import { TemplateObject, type Value } from './value.js';

/** The arguments of a call in a template. */
export interface CallArguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** Something that templates can call: a macro, `caller`, or a function of the engine. Shows no members. */
export class TemplateFunction extends TemplateObject {
  readonly invoke: (args: CallArguments) => Value;

  constructor(invoke: (args: CallArguments) => Value) {
    super();
    this.invoke = invoke;
  }

  override member(): Value {
    return undefined;
  }
}
