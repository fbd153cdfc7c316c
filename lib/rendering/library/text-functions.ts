import type { Rendering } from '../runtime/rendering.js';
import { countOf } from './replace-text.js';

// The ampersand first, since the others bring it in.
const HTML: readonly (readonly [character: string, entity: string])[] = [
  ['&', '&amp;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['\\', '&#92;'],
];

/** First letter upper case, the others lower case. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
}

/** Every word between spaces capitalised. */
export function titleCase(text: string, rendering: Rendering): string {
  rendering.budget.list(countOf(text, ' ', rendering));
  return text.split(' ').map(capitalize).join(' ');
}

/** Escapes what HTML and XML reserve. */
export function escapeHtml(text: string, rendering: Rendering): string {
  let length = text.length;
  for (const [character, entity] of HTML) length += countOf(text, character, rendering) * (entity.length - 1);
  rendering.budget.text(length);
  return HTML.reduce((escaped, [character, entity]) => escaped.replaceAll(character, entity), text);
}

/** Characters that are encoded at a time: what becomes too long is seen before all of it is. */
const PIECE = 2 ** 15;

/** Percent-encodes a part of a URL; halves of characters become U+FFFD, which URLs can say. */
export function urlEncode(text: string, rendering: Rendering): string {
  rendering.budget.step();
  rendering.budget.text(text.length);
  const whole = Buffer.from(text).toString();
  let encoded = '';
  for (let start = 0, end: number; start < whole.length; start = end) {
    // Not between the halves of a character.
    end = start + PIECE + (isFirstHalf(whole.charCodeAt(start + PIECE - 1)) ? 1 : 0);
    const piece = encodeURIComponent(whole.slice(start, end));
    encoded += piece;
    rendering.budget.output(encoded.length, piece.length);
  }
  return encoded;
}

function isFirstHalf(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** Takes any of `characters` (white space when empty) off the start or the end of a text. */
export function strip(text: string, characters: string, atStart: boolean, atEnd: boolean): string {
  if (characters === '') {
    const begun = atStart ? text.trimStart() : text;
    return atEnd ? begun.trimEnd() : begun;
  }
  const stripped = new Set(characters.split(''));
  const strips = (character: string): boolean => stripped.has(character);
  let from = 0;
  let to = text.length;
  if (atStart) while (from < to && strips(text.charAt(from))) from++;
  if (atEnd) while (to > from && strips(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}
