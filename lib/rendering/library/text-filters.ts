import { textOf } from '../runtime/text-of.js';
import { isDict, type Value } from '../values/value.js';
import { textOperation, wholeNumber, operation, type Operation } from './operation.js';
import { countOf, replaceText } from './replace-text.js';
import { capitalize, escapeHtml, titleCase, urlEncode } from './text-functions.js';

const WORD = new Set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_');

/** The filters that make texts. */
export const TEXT_FILTERS: readonly [name: string, filter: Operation][] = [
  ['upper', textOperation([], (text) => text.toUpperCase())],
  ['lower', textOperation([], (text) => text.toLowerCase())],
  ['capitalize', textOperation([], (text) => capitalize(text))],
  ['title', textOperation([], (text, _, rendering) => titleCase(text, rendering))],
  ['trim', textOperation([], (text) => text.trim())],
  ['string', operation([], (value, _, rendering) => textOf(value, rendering))],
  ['safe', operation([], (value, _, rendering) => textOf(value, rendering))],
  ['escape', operation([], (value, _, rendering) => escapeHtml(textOf(value, rendering), rendering))],
  [
    'nl2br',
    textOperation([], (text, _, r) =>
      replaceText(text.replaceAll('\r\n', '\n'), '\n', '<br />\n', Infinity, r),
    ),
  ],
  [
    'replace',
    operation(['old', 'new', 'count'], (value, [old, replacement, count], rendering) => {
      if (typeof value !== 'string' && typeof value !== 'number') return value;
      if (typeof old !== 'string' && typeof old !== 'number') return value;
      const limit = typeof count === 'number' && count >= 0 ? count : Infinity;
      return replaceText(String(value), String(old), textOf(replacement, rendering), limit, rendering);
    }),
  ],
  [
    'center',
    textOperation(['width'], (text, [width], rendering) => {
      const spaces = wholeNumber(width, 80, rendering) - text.length;
      if (spaces <= 0) return text;
      rendering.budget.text(text.length + spaces);
      const before = Math.max(Math.ceil(spaces / 2 - (spaces % 2)), 0);
      return ' '.repeat(before) + text + ' '.repeat(Math.ceil(spaces / 2));
    }),
  ],
  [
    'indent',
    textOperation(['width', 'first'], (text, [width, first], rendering) => {
      rendering.budget.list(countOf(text, '\n', rendering));
      const lines = text.split('\n');
      const spaces = wholeNumber(width, 4, rendering) || 4;
      rendering.budget.text(text.length + lines.length * spaces);
      const margin = ' '.repeat(spaces);
      return lines.map((line, index) => (index === 0 && !first ? line : margin + line)).join('\n');
    }),
  ],
  [
    'truncate',
    textOperation(['length', 'killwords', 'end'], (text, [length, killwords, end], rendering) => {
      const limit = wholeNumber(length, 255, rendering) || 255;
      if (text.length <= limit) return text;
      const space = killwords ? -1 : text.lastIndexOf(' ', limit);
      const ending = end === undefined || end === null ? '...' : textOf(end, rendering);
      rendering.budget.text(limit + ending.length);
      return text.slice(0, space === -1 ? limit : space) + ending;
    }),
  ],
  [
    'urlencode',
    operation([], (value, _, rendering) => {
      const pairs: readonly (readonly [Value, Value])[] | undefined = isDict(value)
        ? Object.entries(value)
        : Array.isArray(value)
          ? value.map((pair) => (Array.isArray(pair) ? [pair[0], pair[1]] : [pair, '']))
          : undefined;
      if (pairs === undefined) return urlEncode(textOf(value, rendering), rendering);
      rendering.budget.list(pairs.length);
      const encode = (item: Value): string => urlEncode(textOf(item, rendering), rendering);
      return pairs.map(([key, item]) => `${encode(key)}=${encode(item)}`).join('&');
    }),
  ],
  ['wordcount', textOperation([], (text) => countWords(text) || null)],
];

function countWords(text: string): number {
  let count = 0;
  let inside = false;
  for (let index = 0; index < text.length; index++) {
    const word = WORD.has(text.charAt(index));
    if (word && !inside) count++;
    inside = word;
  }
  return count;
}
