import type { Rendering } from '../runtime/rendering.js';

/** Replaces the first `limit` occurrences of a text; the size of the result is known before it is made. */
export function replaceText(
  text: string,
  old: string,
  replacement: string,
  limit: number,
  rendering: Rendering,
): string {
  const { budget } = rendering;
  const count = Math.min(old === '' ? text.length + 1 : countOf(text, old, rendering), Math.ceil(limit));
  budget.text(text.length + count * (replacement.length - old.length));
  if (limit === Infinity && old !== '') return text.split(old).join(replacement);
  budget.list(old === '' ? text.length : count);
  const parts: string[] = [];
  if (old === '') {
    for (let index = 0; index <= text.length; index++) {
      parts.push(index < count ? replacement : '', text.charAt(index));
    }
    return parts.join('');
  }
  let from = 0;
  for (let done = 0; done < count; done++) {
    const found = text.indexOf(old, from);
    parts.push(text.slice(from, found), replacement);
    from = found + old.length;
  }
  return parts.join('') + text.slice(from);
}

/** How often a text holds another, side by side. */
export function countOf(text: string, needle: string, rendering: Rendering): number {
  rendering.budget.search(text, needle);
  if (needle === '') return text.length + 1;
  let count = 0;
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length)) count++;
  rendering.budget.step(count >> 3);
  return count;
}
