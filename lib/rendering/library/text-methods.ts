import { joinTexts, textOf } from '../runtime/text-of.js';
import type { Value } from '../values/value.js';
import { elementsOf, operation, wholeNumber, type Operation, type Operations } from './operation.js';
import { countOf, replaceText } from './replace-text.js';
import { splitText } from './split-text.js';
import { capitalize, strip, titleCase } from './text-functions.js';
import type { Rendering } from '../runtime/rendering.js';

function method(
  parameters: readonly string[],
  apply: (text: string, args: readonly Value[], rendering: Rendering) => Value,
): Operation {
  return operation(parameters, (value, args, rendering) => {
    const text = typeof value === 'string' ? value : '';
    rendering.budget.text(text.length);
    return apply(text, args, rendering);
  });
}

const upper = method([], (text) => text.toUpperCase());
const lower = method([], (text) => text.toLowerCase());
const stripping = (atStart: boolean, atEnd: boolean): Operation =>
  method(['chars'], (text, [chars], rendering) =>
    strip(text, textOf(chars, rendering).slice(0, 100), atStart, atEnd),
  );
const edge = (atStart: boolean): Operation =>
  method(['text'], (text, [part], rendering) => {
    const candidates = Array.isArray(part) ? part : [part];
    rendering.budget.step(1 + candidates.length);
    return candidates.some((candidate) => {
      const wanted = textOf(candidate, rendering);
      rendering.budget.step(wanted.length >> 8);
      return atStart ? text.startsWith(wanted) : text.endsWith(wanted);
    });
  });
const position = (last: boolean, mustExist: boolean): Operation =>
  method(['text'], (text, [part], rendering) => {
    const wanted = textOf(part, rendering);
    rendering.budget.search(text, wanted);
    const found = last ? text.lastIndexOf(wanted) : text.indexOf(wanted);
    if (found === -1 && mustExist)
      throw rendering.mismatch('index() did not find the text; find() answers -1.');
    return found;
  });
const padding = (atStart: boolean, standard: string): Operation =>
  method(['width', 'fill'], (text, [width, fill = standard], rendering) => {
    const total = wholeNumber(width, 0, rendering);
    const filler = textOf(fill, rendering);
    rendering.budget.text(Math.max(total, text.length));
    return atStart ? text.padStart(total, filler) : text.padEnd(total, filler);
  });

/** What can be called on a text, in Python's names and in JavaScript's. Replacing and splitting follow Python. */
export const TEXT_METHODS: Operations = new Map([
  ['upper', upper],
  ['toUpperCase', upper],
  ['lower', lower],
  ['toLowerCase', lower],
  ['title', method([], (text, _, rendering) => titleCase(text, rendering))],
  ['capitalize', method([], capitalize)],
  ['strip', stripping(true, true)],
  ['lstrip', stripping(true, false)],
  ['rstrip', stripping(false, true)],
  ['trim', method([], (text) => text.trim())],
  ['trimStart', method([], (text) => text.trimStart())],
  ['trimEnd', method([], (text) => text.trimEnd())],
  ['startswith', edge(true)],
  ['startsWith', edge(true)],
  ['endswith', edge(false)],
  ['endsWith', edge(false)],
  ['find', position(false, false)],
  ['indexOf', position(false, false)],
  ['rfind', position(true, false)],
  ['lastIndexOf', position(true, false)],
  ['index', position(false, true)],
  ['count', method(['text'], (text, [part], rendering) => countOf(text, textOf(part, rendering), rendering))],
  [
    'includes',
    method(['text'], (text, [part], rendering) => {
      const wanted = textOf(part, rendering);
      rendering.budget.search(text, wanted);
      return text.includes(wanted);
    }),
  ],
  [
    'replace',
    method(['old', 'new', 'count'], (text, [old, replacement, count], rendering) => {
      const limit = typeof count === 'number' && count >= 0 ? count : Infinity;
      return replaceText(text, textOf(old, rendering), textOf(replacement, rendering), limit, rendering);
    }),
  ],
  [
    'split',
    method(['sep', 'maxsplit'], (text, [separator, limit], rendering) =>
      splitText(text, separator, typeof limit === 'number' && limit >= 0 ? limit : Infinity, rendering),
    ),
  ],
  [
    'splitlines',
    method([], (text, _, rendering) => splitText(text.replaceAll('\r\n', '\n'), '\n', Infinity, rendering)),
  ],
  [
    'join',
    method(['list'], (text, [list], rendering) => joinTexts(elementsOf(list, rendering), text, rendering)),
  ],
  ['zfill', padding(true, '0')],
  ['rjust', padding(true, ' ')],
  ['padStart', padding(true, ' ')],
  ['ljust', padding(false, ' ')],
  ['padEnd', padding(false, ' ')],
  ['isdigit', method([], (text) => /^\d+$/.test(text))],
  ['slice', method(['start', 'end'], (text, [start, end]) => text.slice(...bounds(start, end)))],
  ['substring', method(['start', 'end'], (text, [start, end]) => text.substring(...bounds(start, end)))],
  ['charAt', method(['index'], (text, [index]) => text.charAt(typeof index === 'number' ? index : 0))],
  ['toString', method([], (text) => text)],
]);

function bounds(start: Value, end: Value): [number, number | undefined] {
  return [typeof start === 'number' ? start : 0, typeof end === 'number' ? end : undefined];
}
