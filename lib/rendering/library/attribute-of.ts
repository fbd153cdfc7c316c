import { lookupMember } from '../runtime/lookup-member.js';
import type { Rendering } from '../runtime/rendering.js';
import { textOf } from '../runtime/text-of.js';
import type { Value } from '../values/value.js';

/** Reads an attribute of the elements of a list, such as `name` or `site.name`; the element itself without one. */
export function attributeReader(attribute: Value, rendering: Rendering): (element: Value) => Value {
  if (attribute === undefined || attribute === null || attribute === '') return (element) => element;
  const name = textOf(attribute, rendering);
  if (name.length > 1_000) throw rendering.mismatch('This name of an attribute is too long.');
  const path = name.split('.');
  return (element) => {
    rendering.budget.step(path.length);
    return path.reduce<Value>((value, key) => lookupMember(value, key), element);
  };
}
