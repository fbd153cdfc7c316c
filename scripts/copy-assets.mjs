// Copies what the compiler leaves behind (templates, styles, scripts, licences) from lib/ to dist/.
import { cpSync, statSync } from 'node:fs';

cpSync('lib', 'dist', {
  recursive: true,
  filter: (path) => statSync(path).isDirectory() || !path.endsWith('.ts'),
});
