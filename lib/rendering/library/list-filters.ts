import { lookupMember } from '../runtime/lookup-member.js';
import { add } from '../runtime/operators.js';
import { joinTexts, textOf } from '../runtime/text-of.js';
import { isDict, newDict, type Value } from '../values/value.js';
import { attributeReader } from './attribute-of.js';
import { elementsOf, operation, wholeNumber, type Operation } from './operation.js';
import { pairsOf } from './pairs-of.js';
import { sortValues } from './sort-values.js';
import { TESTS } from './tests.js';
import type { Rendering } from '../runtime/rendering.js';

/** The filters on lists and dicts. */
export const LIST_FILTERS: readonly [name: string, filter: Operation][] = [
  ['first', operation([], (value) => lookupMember(value, 0))],
  ['last', operation([], (value) => lookupMember(value, -1))],
  ['length', operation([], lengthOf)],
  ['count', operation([], lengthOf)],
  [
    'join',
    operation(['d', 'attribute'], (value, [separator, attribute], rendering) => {
      const read = attributeReader(attribute, rendering);
      const texts = elementsOf(value, rendering).map((element) => read(element));
      return joinTexts(texts, textOf(separator, rendering), rendering);
    }),
  ],
  [
    'list',
    operation([], (value, _, rendering) => {
      if (!isDict(value)) return [...elementsOf(value, rendering)];
      return pairsOf(value, rendering).map(([key, item]) => Object.assign(newDict(), { key, value: item }));
    }),
  ],
  ['items', operation([], (value, _, rendering) => (isDict(value) ? pairsOf(value, rendering) : []))],
  [
    'reverse',
    operation([], (value, _, rendering) => {
      const reversed = elementsOf(value, rendering).toReversed();
      return typeof value === 'string' ? joinTexts(reversed, '', rendering) : reversed;
    }),
  ],
  [
    'sort',
    operation(['reverse', 'case_sensitive', 'attribute'], (value, [reverse, cased, attribute], rendering) => {
      const options = { reverse: Boolean(reverse), caseSensitive: Boolean(cased) };
      return sortValues(
        elementsOf(value, rendering),
        attributeReader(attribute, rendering),
        options,
        rendering,
      );
    }),
  ],
  [
    'dictsort',
    operation(['case_sensitive', 'by'], (value, [cased, by = 'key'], rendering) => {
      if (!isDict(value)) throw rendering.mismatch('dictsort needs a dict.');
      if (by !== 'key' && by !== 'value') throw rendering.mismatch('dictsort sorts by "key" or "value".');
      const options = { caseSensitive: Boolean(cased) };
      return sortValues(pairsOf(value, rendering), (pair) => pair[by === 'key' ? 0 : 1], options, rendering);
    }),
  ],
  [
    'sum',
    operation(['attribute', 'start'], (value, [attribute, start = 0], rendering) => {
      const read = attributeReader(attribute, rendering);
      return elementsOf(value, rendering).reduce((sum, element) => add(sum, read(element), rendering), start);
    }),
  ],
  [
    'min',
    operation(['case_sensitive', 'attribute'], (value, args, rendering) =>
      extreme(value, args, rendering, false),
    ),
  ],
  [
    'max',
    operation(['case_sensitive', 'attribute'], (value, args, rendering) =>
      extreme(value, args, rendering, true),
    ),
  ],
  [
    'unique',
    operation(['case_sensitive', 'attribute'], (value, [cased, attribute], rendering) => {
      const read = attributeReader(attribute, rendering);
      const seen = new Set<Value>();
      return elementsOf(value, rendering).filter((element) => {
        const key = read(element);
        // Numbers can be chosen so that they all meet in one place of the set, which then takes ever longer to ask.
        rendering.budget.step();
        if (typeof key === 'string') rendering.budget.text(key.length);
        const known = seen.size;
        seen.add(typeof key === 'string' && !cased ? key.toLowerCase() : key);
        return seen.size > known;
      });
    }),
  ],
  [
    'map',
    operation(['attribute', 'default'], (value, [attribute, fallback], rendering) => {
      const read = attributeReader(attribute, rendering);
      return elementsOf(value, rendering).map((element) => read(element) ?? fallback);
    }),
  ],
  [
    'groupby',
    operation(['attribute'], (value, [attribute], rendering) => {
      const read = attributeReader(attribute, rendering);
      const groups = newDict();
      for (const element of elementsOf(value, rendering)) {
        const key = groupKey(read(element), rendering);
        const group = groups[key];
        if (Array.isArray(group)) group.push(element);
        else groups[key] = [element];
      }
      return groups;
    }),
  ],
  [
    'select',
    operation(['test', 'argument'], (value, args, rendering) =>
      filterBy(value, undefined, args, true, rendering),
    ),
  ],
  [
    'reject',
    operation(['test', 'argument'], (value, args, rendering) =>
      filterBy(value, undefined, args, false, rendering),
    ),
  ],
  [
    'selectattr',
    operation(['attribute', 'test', 'argument'], (value, [attribute, ...args], rendering) =>
      filterBy(value, attribute, args, true, rendering),
    ),
  ],
  [
    'rejectattr',
    operation(['attribute', 'test', 'argument'], (value, [attribute, ...args], rendering) =>
      filterBy(value, attribute, args, false, rendering),
    ),
  ],
  [
    'batch',
    operation(['linecount', 'fill_with'], (value, [linecount, fill], rendering) => {
      const elements = elementsOf(value, rendering);
      const size = wholeNumber(linecount, 0, rendering);
      if (size === 0) throw rendering.mismatch('batch needs the number of elements a row has.');
      rendering.budget.list(elements.length + (fill ? size : 0));
      const rows: Value[][] = [];
      for (let from = 0; from < elements.length; from += size) rows.push(elements.slice(from, from + size));
      const missing = size - (rows.at(-1)?.length ?? size);
      if (fill && missing > 0) rows.at(-1)?.push(...Array<Value>(missing).fill(fill));
      return rows;
    }),
  ],
  [
    'slice',
    operation(['slices', 'fill_with'], (value, [slices, fill], rendering) => {
      const elements = elementsOf(value, rendering);
      const count = wholeNumber(slices, 0, rendering);
      if (count === 0) throw rendering.mismatch('slice needs the number of columns.');
      rendering.budget.list(elements.length + count);
      const [size, extra] = [Math.floor(elements.length / count), elements.length % count];
      return Array.from({ length: count }, (_, index) => {
        const from = index * size + Math.min(index, extra);
        const column = elements.slice(from, from + size + (index < extra ? 1 : 0));
        return fill && index >= extra ? [...column, fill] : column;
      });
    }),
  ],
];

function lengthOf(value: Value, _: readonly Value[], rendering: Rendering): Value {
  if (value === undefined || value === null || value === false) return 0;
  if (isDict(value)) return elementsOf(value, rendering).length;
  return typeof value === 'string' || Array.isArray(value) ? value.length : undefined;
}

function extreme(
  value: Value,
  [cased, attribute]: readonly Value[],
  rendering: Rendering,
  largest: boolean,
): Value {
  const options = { reverse: largest, caseSensitive: Boolean(cased) };
  return sortValues(
    elementsOf(value, rendering),
    attributeReader(attribute, rendering),
    options,
    rendering,
  )[0];
}

function groupKey(key: Value, rendering: Rendering): string {
  const text = key === undefined || key === null ? String(key) : textOf(key, rendering);
  rendering.budget.step(1 + (text.length >> 8));
  return text;
}

function filterBy(
  value: Value,
  attribute: Value,
  [name = 'truthy', argument]: readonly Value[],
  wanted: boolean,
  rendering: Rendering,
): Value {
  const test = typeof name === 'string' ? TESTS.get(name) : undefined;
  if (test === undefined) {
    throw rendering.error(
      'WEBHOOKS_TEMPLATE_UNKNOWN',
      'There is no test of the name that this filter is given.',
    );
  }
  const read = attributeReader(attribute, rendering);
  return elementsOf(value, rendering).filter(
    (element) => test.apply(read(element), [argument], rendering) === wanted,
  );
}
