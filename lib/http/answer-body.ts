const READ_LIMIT = 65_536;
const KEEP_LIMIT = 16_384;

/** Takes in the body of an answer as it arrives, and keeps of it what an attempt record may hold. */
export class AnswerBody {
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #bytes = 0;

  /** @returns whether enough was read, so that the rest may be dropped */
  add(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#keptBytes < KEEP_LIMIT) {
      // A copy where the chunk is cut: the rest of its memory must not stay.
      const part =
        chunk.length > KEEP_LIMIT - this.#keptBytes
          ? Buffer.from(chunk.subarray(0, KEEP_LIMIT - this.#keptBytes))
          : chunk;
      this.#kept.push(part);
      this.#keptBytes += part.length;
    }
    return this.#bytes > READ_LIMIT;
  }

  /** The text to keep, and whether there was more. */
  text(contentEncoding: string | string[] | undefined): { body: string; truncated: boolean } {
    if (this.#bytes === 0) return { body: '', truncated: false };
    if (contentEncoding !== undefined && String(contentEncoding).toLowerCase() !== 'identity') {
      return { body: `[not shown: encoded as ${String(contentEncoding).slice(0, 40)}]`, truncated: true };
    }
    const [first] = this.#kept;
    const all = this.#kept.length === 1 && first !== undefined ? first : Buffer.concat(this.#kept);
    const text = decode(all, this.#bytes > this.#keptBytes);
    const isTooLong = Buffer.byteLength(text) > KEEP_LIMIT;
    return {
      // Every byte that is no UTF-8 has become three.
      body: isTooLong ? decode(Buffer.from(text).subarray(0, KEEP_LIMIT), true) : text,
      truncated: isTooLong || this.#bytes > this.#keptBytes,
    };
  }
}

/** PostgreSQL takes no NUL in text. A character that was cut in two is left out. */
function decode(bytes: Buffer, isCut: boolean): string {
  return new TextDecoder().decode(bytes, { stream: isCut }).replaceAll('\0', '');
}
