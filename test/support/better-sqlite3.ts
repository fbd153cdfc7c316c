import { createRequire } from 'node:module';

/**
 * Whether better-sqlite3 is installed and was built for this Node. It is no dependency: installing it needs a prebuilt
 * binary from outside of the registry, or a compiler.
 */
export const betterSqlite3Available = canLoad();

function canLoad(): boolean {
  try {
    const Database = createRequire(import.meta.url)('better-sqlite3') as new (file: string) => {
      close(): void;
    };
    new Database(':memory:').close();
    return true;
  } catch {
    return false;
  }
}
