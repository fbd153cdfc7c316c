import {
  findOptionFaults,
  isBoolean,
  isListOf,
  isOneOf,
  isText,
  type OptionRule,
  type OptionRules,
} from './option-rules.js';
import { OptionsInvalidError } from './options-invalid.error.js';
import type { AdminOptions, QueueOptions, WebhooksStructuralOptions } from './structural-options.js';

/** The structural options with nothing left open. */
export interface ResolvedWebhooksStructure {
  readonly dataSource: string;
  readonly queue: Required<Pick<QueueOptions, 'name' | 'backend'>> & Pick<QueueOptions, 'configKey'>;
  readonly worker: boolean;
  readonly admin: (Required<Omit<AdminOptions, 'public'>> & Pick<AdminOptions, 'public'>) | false;
  readonly isGlobal: boolean;
}

const isGuard: OptionRule = (value) =>
  typeof value === 'function' || (typeof value === 'object' && value !== null && 'canActivate' in value)
    ? undefined
    : 'must be a guard: a class or an object with canActivate()';

const RULES: OptionRules = {
  dataSource: isText,
  queue: { name: isQueueName, configKey: isText, backend: isOneOf('redis', 'postgres') },
  worker: isBoolean,
  admin: { path: isPath, guards: isListOf(isGuard), public: isBoolean, readOnly: isBoolean },
  isGlobal: isBoolean,
};

/**
 * Checks the options that shape the module and fills in the defaults.
 *
 * @throws OptionsInvalidError (`WEBHOOKS_OPTIONS_INVALID`) that names every wrong option
 */
export function resolveStructure(options: WebhooksStructuralOptions): ResolvedWebhooksStructure {
  const given = Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => name in RULES && !(name === 'admin' && value === false),
    ),
  );
  const faults = findOptionFaults(given, RULES);
  const admin = options.admin === undefined || options.admin === false ? false : options.admin;
  if (admin !== false && admin.public !== true && (admin.guards ?? []).length === 0) {
    faults.push(
      'admin.guards is empty, which would leave the admin routes open to everyone; name the guards that protect them, ' +
        'or say public: true',
    );
  }
  if (faults.length > 0) throw new OptionsInvalidError(faults);
  return {
    dataSource: options.dataSource ?? 'default',
    queue: { name: 'webhooks', backend: 'redis', ...options.queue },
    worker: options.worker ?? true,
    admin:
      admin === false
        ? false
        : { guards: [], readOnly: false, ...admin, path: withoutSlashes(admin.path ?? 'admin/webhooks') },
    isGlobal: options.isGlobal ?? true,
  };
}

/** Slashes at either end are how some write it, and are not part of the routes. */
function withoutSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

function isPath(value: unknown): string | undefined {
  return (
    isText(value) ??
    (withoutSlashes(String(value)) === ''
      ? 'must name a path: the root of the application is its own'
      : undefined)
  );
}

function isQueueName(value: unknown): string | undefined {
  return (
    isText(value) ??
    (String(value).includes(':') ? 'must not contain a colon: BullMQ uses it in its keys' : undefined)
  );
}
