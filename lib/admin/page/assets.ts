import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** A file that pages refer to. */
export interface Asset {
  readonly type: string;
  readonly text: string;
  /** Changes with the text. */
  readonly hash: string;
}

/** The files of the page: their types, and where those of other packages come from. */
const FILES: ReadonlyMap<string, readonly [type: string, source?: string]> = new Map([
  ['admin.css', [CSS]],
  ['admin.js', [SCRIPT]],
  ['pico.min.css', [CSS, '@picocss/pico/css/pico.min.css']],
  ['htmx.min.js', [SCRIPT, 'htmx.org/dist/htmx.min.js']],
]);

const read = new Map<string, Asset>();

/** A file of the page, read when it is first asked for; `undefined` for any other name. */
export function findAsset(name: string): Asset | undefined {
  const file = FILES.get(name);
  if (file === undefined) return undefined;
  const known = read.get(name);
  if (known !== undefined) return known;
  const [type, source] = file;
  const text = readText(name, source);
  const asset = { type, text, hash: createHash('sha256').update(text).digest('hex').slice(0, 16) };
  read.set(name, asset);
  return asset;
}

/** From beside this file, where the build copies those of other packages; run from the sources, from the package. */
function readText(name: string, source: string | undefined): string {
  const copied = new URL(`assets/${name}`, import.meta.url);
  if (source === undefined || existsSync(copied)) return readFileSync(copied, 'utf8');
  return readFileSync(createRequire(import.meta.url).resolve(source), 'utf8');
}
