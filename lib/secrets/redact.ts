/** What stands where a secret was. */
export const MASK = '[redacted]';

/** Below this length the end of a text says nothing about a value that was cut off there. */
const MIN_CUT = 6;

/** Where something stands in a text: its first character, and the one behind its last. */
type Range = readonly [start: number, end: number];

/**
 * Makes a function that masks secret values in texts: as they are, and as they look in JSON, percent-encoded,
 * form-encoded, escaped for HTML, in any two of these one after the other, and in base64 at any place of a longer text
 * (`user:secret`). The beginning of a value at the very end of a text is masked too, since stored bodies are cut.
 *
 * Make it once for each set of values.
 */
export function createRedactor(values: readonly string[]): (text: string) => string {
  const forms = [...new Set(values.flatMap(formsOf).map(fold))];
  if (forms.length === 0) return (text) => text;
  // Most texts hold nothing of the kind, which one look tells.
  const heads = [...new Set(forms.map((form) => form.slice(0, MIN_CUT)))];
  const suspicious = new RegExp(heads.map((head) => head.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'));
  return (text) => {
    const folded = fold(text);
    if (!suspicious.test(folded)) return text;
    return maskRanges(
      text,
      forms.flatMap((form) => [...placesOf(form, folded), ...cutPlaceOf(form, folded)]),
    );
  };
}

/** Masks secret values in one text; see {@link createRedactor}, which is cheaper for many texts. */
export function redact(text: string, values: readonly string[]): string {
  return createRedactor(values)(text);
}

function formsOf(given: string): string[] {
  // Lone surrogates become U+FFFD here, as they do when the value is sent.
  const value = Buffer.from(given, 'utf8').toString('utf8');
  const key = value.startsWith('whsec_') ? value.slice('whsec_'.length) : '';
  return [value, key].flatMap(inCases).flatMap((text) => {
    const once = [...new Set(encoded(text))].filter((form) => form !== text);
    return [text, ...once, ...once.flatMap(encoded), ...base64(text)];
  });
}

/** A template may change the case before it encodes, and letters beyond ASCII are other bytes then. */
function inCases(text: string): string[] {
  if (text === '') return [];
  return /^\p{ASCII}*$/u.test(text) ? [text] : [text, text.toUpperCase(), text.toLowerCase()];
}

function encoded(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const component = encodeURIComponent(text);
  const html = text.replace(/[&<>"'`]/g, (character) => HTML[character] ?? character);
  return [
    json,
    json.replaceAll('/', '\\/'),
    json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    component,
    encodeURI(text),
    component.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`),
    new URLSearchParams({ '': text }).toString().slice(1),
    html,
    html.replaceAll('&#39;', '&#x27;'),
    html.replaceAll('\\', '&#92;'),
  ];
}

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** The characters of base64 that depend on the value alone, for each of the three places it can start at. */
function base64(text: string): string[] {
  const bytes = Buffer.from(text, 'utf8');
  // Four or five characters of base64 would be found by chance.
  if (bytes.length < 6) return [];
  return [0, 1, 2].flatMap((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const part = whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [part, part.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(part)];
  });
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

function placesOf(form: string, text: string): Range[] {
  const places: Range[] = [];
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + form.length)) {
    places.push([at, at + form.length]);
  }
  return places;
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
