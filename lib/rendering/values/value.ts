/**
 * What a template can hold: plain data, and the few objects of the engine. There are no JavaScript functions and no
 * objects with a prototype of their own among them, so there is nothing to climb.
 */
export type Value = undefined | null | boolean | number | string | Value[] | Dict | TemplateObject;

/** A dict. It has no prototype: every key it has is its own. */
export interface Dict {
  [key: string]: Value;
}

/** An object of the engine, such as a macro or `loop`. What it shows is what {@link member} answers. */
export abstract class TemplateObject {
  /** The named member, undefined for every name that is not offered. */
  abstract member(name: string): Value;
}

/** An empty dict. */
export function newDict(): Dict {
  return Object.create(null) as Dict;
}

/** Whether the value is a dict. */
export function isDict(value: Value): value is Dict {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof TemplateObject)
  );
}
