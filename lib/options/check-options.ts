import { OptionsInvalidError } from './options-invalid.error.js';
import { DEFAULT_OPTIONS, resolveOptions } from './resolve-options.js';
import { EXTRAS, type ASYNC_OPTIONS_TYPE, type OPTIONS_TYPE } from './webhooks.module-definition.js';

/**
 * Checks what `forRoot()` is given as soon as it is called; the structural options are checked where they are used.
 *
 * @throws OptionsInvalidError
 */
export function checkOptions(options: typeof OPTIONS_TYPE): void {
  resolveOptions(
    Object.fromEntries(Object.entries(options).filter(([name]) => !Object.hasOwn(EXTRAS, name))),
  );
}

const FACTORY_KEYS = new Set([
  'useFactory',
  'useClass',
  'useExisting',
  'inject',
  'provideInjectionTokensFrom',
]);

/**
 * Checks that nothing stands beside the factory that would never be read.
 *
 * @throws OptionsInvalidError
 */
export function checkAsyncOptions(options: typeof ASYNC_OPTIONS_TYPE): void {
  const faults = Object.keys(options)
    .filter((name) => !Object.hasOwn(EXTRAS, name) && !FACTORY_KEYS.has(name))
    .map((name) =>
      Object.hasOwn(DEFAULT_OPTIONS, name)
        ? `${name} belongs into what the factory returns`
        : `${name} is not an option of forRootAsync()`,
    );
  if (faults.length > 0) throw new OptionsInvalidError(faults);
}
