import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** A file that pages refer to. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

/** The files of the page by name, read once. The build copies those of other packages beside ours. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ['admin.css', { type: CSS, text: read('admin.css') }],
  ['admin.js', { type: SCRIPT, text: read('admin.js') }],
  ['pico.min.css', { type: CSS, text: read('pico.min.css', '@picocss/pico/css/pico.min.css') }],
  ['htmx.min.js', { type: SCRIPT, text: read('htmx.min.js', 'htmx.org/dist/htmx.min.js') }],
]);

/** Changes with the files; in their addresses, so that browsers may keep them. */
export const ASSETS_VERSION = createHash('sha256')
  .update([...ASSETS.values()].map(({ text }) => text).join('\0'))
  .digest('hex')
  .slice(0, 12);

/** From beside this file; run from the sources, from the package. */
function read(name: string, source?: string): string {
  const copied = new URL(`assets/${name}`, import.meta.url);
  if (source === undefined || existsSync(copied)) return readFileSync(copied, 'utf8');
  return readFileSync(createRequire(import.meta.url).resolve(source), 'utf8');
}
