import { DataSource } from 'typeorm';
import { CaptureError } from './capture-error.js';
import { reliances, type Reliance } from './typeorm-reliances.js';

/**
 * Asserts everything in TypeORM that capture relies on and that its types do not promise.
 *
 * @throws WebhooksError `WEBHOOKS_TYPEORM_UNSUPPORTED`
 */
export function checkTypeorm(dataSource: DataSource): void {
  if (!(dataSource instanceof DataSource)) {
    throw unsupported(
      "the data source belongs to another copy of TypeORM than this library's, and changes made through it would " +
        'not be seen. Keep one copy: see `npm ls typeorm`',
    );
  }
  const missing = reliances(dataSource).filter((reliance) => !holds(reliance));
  if (missing.length > 0) {
    const names = missing.map(([name]) => name).join(', ');
    throw unsupported(
      `this version of it lacks ${names}, on which capturing changes rests. Use a version that this library's peer ` +
        'dependencies name',
    );
  }
}

function holds([, isThere]: Reliance): boolean {
  try {
    return isThere();
  } catch {
    return false;
  }
}

function unsupported(why: string): CaptureError {
  return new CaptureError('WEBHOOKS_TYPEORM_UNSUPPORTED', `Webhooks cannot work with this TypeORM: ${why}.`);
}
