import { ConfigurableModuleBuilder, Inject, type ModuleMetadata, type Provider } from '@nestjs/common';
import { OptionsInvalidError } from './options-invalid.error.js';
import { resolveOptions, type ResolvedWebhooksOptions } from './resolve-options.js';
import type { ResolvedWebhooksStructure } from './resolve-structure.js';
import type { WebhooksModuleOptions } from './webhooks-options.js';
import type { WebhooksStructuralOptions } from './structural-options.js';

/** What `forRoot()` and `forRootAsync()` take beside the options that a factory may give. */
export interface WebhooksModuleExtras extends WebhooksStructuralOptions {
  /** Modules whose exports the guards, the factory and `extraProviders` inject. */
  readonly imports?: ModuleMetadata['imports'];
  /** Providers added to the module. */
  readonly extraProviders?: Provider[];
}

/** A class that gives the options: for `useClass` and `useExisting`. */
export interface WebhooksOptionsFactory {
  /** Gives the options, when the module is made. */
  createWebhooksOptions(): WebhooksModuleOptions | Promise<WebhooksModuleOptions>;
}

/** Names of the extras; the builder tells them from options by these keys. */
export const EXTRAS: Record<keyof WebhooksModuleExtras, undefined> = {
  imports: undefined,
  extraProviders: undefined,
  dataSource: undefined,
  queue: undefined,
  worker: undefined,
  admin: undefined,
  isGlobal: undefined,
};

/** Makes the static methods; what they define is completed by the module itself. */
export const {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN: PROVIDED_OPTIONS,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<WebhooksModuleOptions>({ moduleName: 'Webhooks' })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createWebhooksOptions')
  .setExtras<WebhooksModuleExtras>(EXTRAS as unknown as WebhooksModuleExtras)
  .build();

/** Token of the resolved options. */
export const WEBHOOKS_OPTIONS = Symbol('nestjs-webhooks:options');

/** Token of the resolved structural options. */
export const WEBHOOKS_STRUCTURE = Symbol('nestjs-webhooks:structure');

/** Injects the resolved options. */
export const InjectWebhooksOptions = (): ParameterDecorator & PropertyDecorator => Inject(WEBHOOKS_OPTIONS);

/** Provides the resolved options from the provided ones. */
export const resolvedOptionsProvider: Provider = {
  provide: WEBHOOKS_OPTIONS,
  useFactory: (options: unknown): ResolvedWebhooksOptions => resolveOptions(requireOptions(options)),
  inject: [PROVIDED_OPTIONS],
};

/** What a factory has returned: the options, and none of those that had to be known before it was asked. */
function requireOptions(options: unknown): WebhooksModuleOptions {
  if (typeof options !== 'object' || options === null)
    throw new OptionsInvalidError(['the factory returned no options; {} means the defaults']);
  const faults = Object.keys(options)
    .filter((name) => Object.hasOwn(EXTRAS, name))
    .map((name) => `${name} belongs beside the factory, not into what it returns`);
  if (faults.length > 0) throw new OptionsInvalidError(faults);
  return options;
}

export type { ResolvedWebhooksStructure };
