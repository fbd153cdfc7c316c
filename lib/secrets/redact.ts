/** What stands where a secret was. */
export const MASK = '[redacted]';

/** Below this length the end of a text says nothing about a value that was cut off there. */
const MIN_CUT = 6;

/**
 * Makes a function that masks secret values in texts: as they are, and as they look in JSON, in JSON inside JSON,
 * percent-encoded, form-encoded, escaped for HTML, and in base64 at any place of a longer text (`user:secret`). The
 * beginning of a value at the very end of a text is masked too, since stored bodies are cut.
 *
 * Make it once for each set of values; using it is linear in the text.
 */
export function createRedactor(values: readonly string[]): (text: string) => string {
  const forms = [...new Set(values.flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  // Case-blind because percent escapes have two spellings, and because a template may change the case.
  const pattern = new RegExp(
    forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'gi',
  );
  return (text) => maskCut(text.replace(pattern, MASK), forms);
}

/** Masks secret values in one text; see {@link createRedactor}, which is cheaper for many texts. */
export function redact(text: string, values: readonly string[]): string {
  return createRedactor(values)(text);
}

function formsOf(given: string): string[] {
  // Lone surrogates become U+FFFD here, as they do when the value is sent.
  const value = Buffer.from(given, 'utf8').toString('utf8');
  const key = value.startsWith('whsec_') ? value.slice('whsec_'.length) : '';
  return [value, key].flatMap((text) => (text === '' ? [] : [text, ...encoded(text), ...base64(text)]));
}

function encoded(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const component = encodeURIComponent(text);
  const html = text.replace(/[&<>"'`]/g, (character) => HTML[character] ?? character);
  return [
    json,
    JSON.stringify(json).slice(1, -1),
    json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    component,
    encodeURI(text),
    component.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`),
    new URLSearchParams({ '': text }).toString().slice(1),
    html,
    html.replaceAll('&#39;', '&#x27;'),
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

function maskCut(text: string, forms: readonly string[]): string {
  const lower = text.slice(-Math.max(...forms.map((form) => form.length))).toLowerCase();
  let cut = 0;
  for (const form of forms) {
    const start = form.toLowerCase();
    for (
      let length = Math.min(start.length - 1, lower.length);
      length >= Math.max(MIN_CUT, cut + 1);
      length--
    ) {
      if (lower.endsWith(start.slice(0, length))) {
        cut = length;
        break;
      }
    }
  }
  return cut === 0 ? text : text.slice(0, -cut) + MASK;
}
