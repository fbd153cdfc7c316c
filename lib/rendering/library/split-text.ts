import type { Rendering } from '../runtime/rendering.js';
import { textOf } from '../runtime/text-of.js';
import type { Value } from '../values/value.js';
import { countOf } from './replace-text.js';

/** Python's `split`: at white space without a separator; the rest stays whole after `limit` splits. */
export function splitText(text: string, separator: Value, limit: number, rendering: Rendering): Value[] {
  if (separator === undefined || separator === null) return splitAtWhitespace(text, limit, rendering);
  const mark = textOf(separator, rendering);
  const count = countOf(text, mark, rendering);
  rendering.budget.list(mark === '' ? count : Math.min(count, limit) + 1);
  if (mark === '') return text.split('');
  const parts: Value[] = [];
  let from = 0;
  for (let at = text.indexOf(mark); at !== -1 && parts.length < limit; at = text.indexOf(mark, from)) {
    parts.push(text.slice(from, at));
    from = at + mark.length;
  }
  return [...parts, text.slice(from)];
}

function splitAtWhitespace(text: string, limit: number, rendering: Rendering): Value[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const parts: Value[] = [];
  let from = 0;
  for (const gap of trimmed.matchAll(/\s+/g)) {
    if (parts.length >= limit) break;
    rendering.budget.step();
    parts.push(trimmed.slice(from, gap.index));
    from = gap.index + gap[0].length;
  }
  rendering.budget.list(parts.length + 1);
  return [...parts, trimmed.slice(from)];
}
