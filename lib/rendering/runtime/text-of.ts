import { MAX_VALUE_DEPTH } from '../template-limits.js';
import { TemplateObject, type Value } from '../values/value.js';
import type { Rendering } from './rendering.js';

/**
 * A value as text, as nunjucks prints it: nothing for null and undefined, a list's elements between commas. The one
 * place where values become text: no object's own conversion is ever called.
 */
export function textOf(value: Value, rendering: Rendering, depth = 0): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  if (value instanceof TemplateObject) return '';
  if (!Array.isArray(value)) return '[object Object]';
  if (depth >= MAX_VALUE_DEPTH) throw rendering.mismatch('A list is nested too deeply, or holds itself.');
  return joinTexts(value, ',', rendering, depth + 1);
}

/** The texts of the values with a separator between them. */
export function joinTexts(
  values: readonly Value[],
  separator: string,
  rendering: Rendering,
  depth = 0,
): string {
  rendering.budget.step(1 + (values.length >> 3));
  let total = Math.max(values.length - 1, 0) * separator.length;
  const texts: string[] = [];
  for (const value of values) {
    const text = textOf(value, rendering, depth);
    total += text.length;
    if (typeof value === 'object') rendering.budget.step();
    texts.push(text);
  }
  rendering.budget.text(total);
  return texts.join(separator);
}
