// Copies what the compiler leaves behind (templates, styles, scripts, licences) from lib/ to dist/.
import { copyFileSync, cpSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';

cpSync('lib', 'dist', {
  recursive: true,
  filter: (path) => statSync(path).isDirectory() || !path.endsWith('.ts'),
});

// What the admin page takes from other packages, so that it needs nothing but this one.
const { resolve } = createRequire(import.meta.url);
const assets = 'dist/admin/page/assets';
copyFileSync(resolve('htmx.org/dist/htmx.min.js'), `${assets}/htmx.min.js`);
copyFileSync(resolve('htmx.org/LICENSE'), `${assets}/htmx.LICENSE.txt`);
copyFileSync(resolve('@picocss/pico/css/pico.min.css'), `${assets}/pico.min.css`);
copyFileSync(resolve('@picocss/pico/LICENSE.md'), `${assets}/pico.LICENSE.txt`);
