import type { Rendering } from '../runtime/rendering.js';

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '"': '&quot;',
  "'": '&#39;',
  '<': '&lt;',
  '>': '&gt;',
  '\\': '&#92;',
};

/** First letter upper case, the others lower case. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
}

/** Every word between spaces capitalised. */
export function titleCase(text: string): string {
  return text.split(' ').map(capitalize).join(' ');
}

/** Escapes what HTML and XML reserve. */
export function escapeHtml(text: string, rendering: Rendering): string {
  rendering.budget.text(text.length);
  const escaped = text.replace(/[&"'<>\\]/g, (character) => HTML[character] ?? character);
  rendering.budget.text(escaped.length);
  return escaped;
}

/** Percent-encodes a part of a URL; halves of characters become U+FFFD, which URLs can say. */
export function urlEncode(text: string, rendering: Rendering): string {
  rendering.budget.text(text.length);
  const encoded = encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
  rendering.budget.text(encoded.length);
  return encoded;
}

/** Takes any of `characters` (white space when empty) off the start or the end of a text. */
export function strip(text: string, characters: string, atStart: boolean, atEnd: boolean): string {
  const set = characters === '' ? undefined : new Set(characters);
  const strips = (character: string): boolean =>
    set === undefined ? character.trim() === '' : set.has(character);
  let from = 0;
  let to = text.length;
  if (atStart) while (from < to && strips(text.charAt(from))) from++;
  if (atEnd) while (to > from && strips(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}
