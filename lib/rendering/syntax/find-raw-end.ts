/** The end of a raw block. */
export interface RawEnd {
  /** What the block holds. */
  readonly text: string;
  /** Index of the first character after the end tag. */
  readonly next: number;
  /** The end tag asks for the white space behind it to go. */
  readonly trimAfter: boolean;
}

/** Finds the end tag of a raw block whose text begins at `from`, skipping nested blocks. Linear in the source. */
export function findRawEnd(source: string, from: number, tagName: string): RawEnd | null {
  let level = 1;
  for (let open = source.indexOf('{%', from); open !== -1; open = source.indexOf('{%', open + 2)) {
    const tag = readTag(source, open + 2);
    if (tag === null) continue;
    if (tag.name === tagName) level++;
    else if (tag.name === `end${tagName}` && --level === 0) {
      const text = source.slice(from, open);
      return { text: tag.trimBefore ? text.trimEnd() : text, next: tag.next, trimAfter: tag.trimAfter };
    }
  }
  return null;
}

interface Tag {
  readonly name: string;
  readonly next: number;
  readonly trimBefore: boolean;
  readonly trimAfter: boolean;
}

function readTag(source: string, start: number): Tag | null {
  const trimBefore = source[start] === '-';
  const nameStart = skipWhitespace(source, trimBefore ? start + 1 : start);
  const name = /^(?:end)?(?:raw|verbatim)/.exec(source.slice(nameStart, nameStart + 11))?.[0];
  if (name === undefined) return null;
  const close = skipWhitespace(source, nameStart + name.length);
  const trimAfter = source[close] === '-';
  const end = trimAfter ? close + 1 : close;
  return source.startsWith('%}', end) ? { name, next: end + 2, trimBefore, trimAfter } : null;
}

function skipWhitespace(source: string, from: number): number {
  let index = from;
  while (index < source.length && ' \t\r\n'.includes(source.charAt(index))) index++;
  return index;
}
