/** What stands where a secret was. */
export const MASK = '[redacted]';

/** Below this length the end of a text says nothing about a value that was cut off there. */
const MIN_CUT = 6;

/** Where something stands in a text: its first character, and the one behind its last. */
type Range = readonly [start: number, end: number];

/**
 * Characters of a value that are searched for. Where they are found, the rest is compared: encoding all of each long
 * value in each way beforehand would hold the event loop, and fill the memory.
 */
const HEAD = 64;

/** How a value looks encoded. */
interface Form {
  /** In which case does not count. */
  readonly head: string;
  /** What may follow, with the head: made when the head was found. Empty when the head is all. */
  readonly wholes: (() => string)[];
}

/**
 * Makes a function that masks secret values in texts: as they are, and as they look in JSON, percent-encoded,
 * form-encoded, escaped for HTML, in any two of these one after the other, and in base64 at any place of a longer text
 * (`user:secret`). The beginning of a value at the very end of a text is masked too, since stored bodies are cut. So is
 * the beginning of a value of more than 64 characters wherever it goes on differently.
 *
 * Make it once for each set of values.
 */
export function createRedactor(values: readonly string[]): (text: string) => string {
  const forms = formsOf(values);
  if (forms.length === 0) return (text) => text;
  // Most texts hold nothing of the kind, which one look tells.
  const starts = [...new Set(forms.map(({ head }) => head.slice(0, MIN_CUT)))];
  const suspicious = new RegExp(
    starts.map((start) => start.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
  );
  return (text) => {
    const folded = fold(text);
    if (!suspicious.test(folded)) return text;
    return maskRanges(
      text,
      forms.flatMap((form) => [...placesOf(form, folded), ...cutPlaceOf(form.head, folded)]),
    );
  };
}

/** Masks secret values in one text; see {@link createRedactor}, which is cheaper for many texts. */
export function redact(text: string, values: readonly string[]): string {
  return createRedactor(values)(text);
}

function formsOf(values: readonly string[]): Form[] {
  const forms = new Map<string, Form>();
  for (const text of new Set(values.flatMap(textsOf))) {
    const start = headOf(text);
    for (const encode of encodingsOf(text)) {
      const head = fold(encode(start));
      if (head === '') continue;
      const form = forms.get(head) ?? { head, wholes: [] };
      forms.set(head, form);
      if (start !== text) form.wholes.push(() => fold(encode(text)));
    }
  }
  return [...forms.values()];
}

function textsOf(given: string): string[] {
  // Lone surrogates become U+FFFD here, as they do when the value is sent.
  const value = Buffer.from(given, 'utf8').toString('utf8');
  const key = value.startsWith('whsec_') ? value.slice('whsec_'.length) : '';
  return [value, key].flatMap(inCases);
}

/** Half a character is encoded as another one. */
function headOf(text: string): string {
  return /[\ud800-\udbff]/.test(text.charAt(HEAD - 1)) ? text.slice(0, HEAD - 1) : text.slice(0, HEAD);
}

type Encoding = (text: string) => string;

/** Each gives of a beginning of the text a beginning of what it gives of the text. */
function encodingsOf(text: string): Encoding[] {
  const once = new Map(ENCODINGS.map((encode) => [encode(text), encode]));
  once.delete(text);
  const twice = [...once.values()].flatMap((first) =>
    ENCODINGS.map(
      (second): Encoding =>
        (part) =>
          second(first(part)),
    ),
  );
  return [(part) => part, ...once.values(), ...twice, ...BASE64];
}

/** A template may change the case before it encodes, and letters beyond ASCII are other bytes then. */
function inCases(text: string): string[] {
  if (text === '') return [];
  return /^\p{ASCII}*$/u.test(text) ? [text] : [text, text.toUpperCase(), text.toLowerCase()];
}

const json: Encoding = (text) => JSON.stringify(text).slice(1, -1);
const html: Encoding = (text) => text.replace(/[&<>"'`]/g, (character) => HTML[character] ?? character);

const ENCODINGS: readonly Encoding[] = [
  json,
  (text) => json(text).replaceAll('/', '\\/'),
  (text) =>
    json(text).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  encodeURIComponent,
  encodeURI,
  (text) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`),
  (text) => new URLSearchParams({ '': text }).toString().slice(1),
  html,
  (text) => html(text).replaceAll('&#39;', '&#x27;'),
  (text) => html(text).replaceAll('\\', '&#92;'),
];

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

const BASE64: readonly Encoding[] = [0, 1, 2].flatMap((offset): Encoding[] => [
  (text) => base64(text, offset),
  (text) => base64(text, offset).replaceAll('+', '-').replaceAll('/', '_'),
  (text) => encodeURIComponent(base64(text, offset)),
]);

/** The characters of base64 that depend on the value alone, for one of the three places it can start at. */
function base64(text: string, offset: number): string {
  const bytes = Buffer.from(text, 'utf8');
  // Four or five characters of base64 would be found by chance.
  if (bytes.length < 6) return '';
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

/**
 * A text in which case does not count, each character in its place: percent escapes have two spellings, and a template
 * may change the case.
 */
function fold(text: string): string {
  if (!/[\u0130\u03a3\u03c2]/.test(text)) return text.toLowerCase();
  // The one letter that gets longer in lower case, and the one that looks at its neighbours.
  return text.replace(/[^\u0130]+/g, (part) => part.toLowerCase()).replaceAll('ς', 'σ');
}

function placesOf({ head, wholes }: Form, text: string): Range[] {
  const places: Range[] = [];
  let known: ReadonlySet<string> | undefined;
  for (let at = text.indexOf(head), end: number; at !== -1; at = text.indexOf(head, end)) {
    end = at + head.length;
    known ??= new Set(wholes.map((whole) => whole()));
    for (const whole of known) end = Math.max(end, at + sameLength(whole, text, at, head.length));
    places.push([at, end]);
  }
  return places;
}

/** How many characters of the form stand in the text from there on; `same` of them are known to. */
function sameLength(form: string, text: string, at: number, same: number): number {
  let length = same;
  while (length < form.length && form.charCodeAt(length) === text.charCodeAt(at + length)) length += 1;
  return length;
}

/** Where the end of the text is a beginning of the form. */
function cutPlaceOf(form: string, text: string): Range[] {
  if (form.length <= MIN_CUT) return [];
  const head = form.slice(0, MIN_CUT);
  const from = Math.max(text.length - form.length + 1, 0);
  for (let at = text.indexOf(head, from); at !== -1; at = text.indexOf(head, at + 1)) {
    if (form.startsWith(text.slice(at))) return [[at, text.length]];
  }
  return [];
}

function maskRanges(text: string, ranges: readonly Range[]): string {
  let masked = '';
  let done = 0;
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0] || b[1] - a[1])) {
    // What overlaps is hidden by one mask.
    if (start >= done) masked += text.slice(done, start) + MASK;
    done = Math.max(done, end);
  }
  return masked + text.slice(done);
}
