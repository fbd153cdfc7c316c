import {
  either,
  findOptionFaults,
  isBoolean,
  isFalse,
  isFunction,
  isInteger,
  isListOf,
  isNumber,
  isOneOf,
  isProxyUrl,
  isText,
  type OptionRules,
} from './option-rules.js';
import { OptionsInvalidError } from './options-invalid.error.js';
import type {
  CaptureOptions,
  ContextOptions,
  DeliveryOptions,
  DispatchOptions,
  HealthOptions,
  RetentionOptions,
  SecretsOptions,
  TemplateOptions,
  WebhooksModuleOptions,
} from './webhooks-options.js';

/** The options with nothing left open. */
export interface ResolvedWebhooksOptions {
  readonly capture: Required<CaptureOptions>;
  readonly context: Required<ContextOptions>;
  readonly dispatch: Required<DispatchOptions>;
  readonly delivery: Required<Omit<DeliveryOptions, 'proxy'>> &
    Pick<DeliveryOptions, 'proxy'> & { readonly health: Required<HealthOptions> };
  readonly templates: Required<TemplateOptions>;
  readonly secrets: SecretsOptions;
  readonly retention: Required<RetentionOptions>;
}

const DAY = 24 * 60 * 60 * 1_000;

/** Default of every option. */
export const DEFAULT_OPTIONS = {
  capture: {
    always: false,
    maxRows: 5_000,
    overMaxRows: 'refuse',
    uncaptured: 'warn',
    preparedStatements: true,
  },
  context: { username: defaultUsername, requestIdHeader: 'x-request-id' },
  dispatch: { pollInterval: 1_000, batchSize: 250 },
  delivery: {
    concurrency: 50,
    concurrencyPerWebhook: 10,
    timeout: 15_000,
    schedule: [
      0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000,
    ],
    jitter: 0.1,
    health: {
      pauseAfter: 10,
      pause: 60_000,
      maxPause: 3_600_000,
      disableAfterFailures: 50,
      disableAfterTime: 5 * DAY,
    },
    heldMaxAge: 7 * DAY,
    shutdownTimeout: 10_000,
    network: {},
  },
  templates: { maxSteps: 100_000, timeLimit: 100, maxOutput: 1_000_000 },
  secrets: { keys: [] },
  retention: { deliveries: 30 * DAY, events: 7 * DAY },
} as const satisfies ResolvedWebhooksOptions;

const RULES: OptionRules = {
  capture: {
    always: isBoolean,
    maxRows: isInteger(1),
    overMaxRows: isOneOf('refuse', 'keys', 'warn'),
    uncaptured: isOneOf('warn', 'refuse', 'ignore'),
    preparedStatements: isBoolean,
  },
  context: { username: isFunction, requestIdHeader: isText },
  dispatch: { pollInterval: isInteger(10), batchSize: isInteger(1, 10_000) },
  delivery: {
    concurrency: isInteger(1),
    concurrencyPerWebhook: isInteger(1),
    timeout: isInteger(1, 3_600_000),
    schedule: isListOf(isInteger(0), 1),
    jitter: isNumber(0, 0.2),
    health: {
      pauseAfter: isInteger(1),
      pause: isInteger(1),
      maxPause: isInteger(1),
      disableAfterFailures: isInteger(1),
      disableAfterTime: isInteger(0),
    },
    heldMaxAge: isInteger(0),
    shutdownTimeout: isInteger(0),
    network: {
      allow: isListOf(isText),
      deny: isListOf(isText),
      httpsOnly: isBoolean,
      requireSslVerification: isBoolean,
      ports: isListOf(isInteger(1, 65_535), 1),
    },
    proxy: { url: isProxyUrl, noProxy: isListOf(isText), ca: isText },
  },
  templates: { maxSteps: isInteger(1), timeLimit: isInteger(1), maxOutput: isInteger(1) },
  secrets: { keys: isListOf(isText, 1) },
  retention: { deliveries: either(isInteger(0), isFalse), events: either(isInteger(0), isFalse) },
};

/**
 * Checks what the application gave and fills in the defaults.
 *
 * @throws OptionsInvalidError (`WEBHOOKS_OPTIONS_INVALID`) that names every wrong option
 */
export function resolveOptions(options: WebhooksModuleOptions): ResolvedWebhooksOptions {
  const faults = findOptionFaults(options, RULES);
  if (options.delivery?.proxy !== undefined && !Object.hasOwn(options.delivery.proxy, 'url'))
    faults.push('delivery.proxy.url is missing');
  if (faults.length > 0) throw new OptionsInvalidError(faults);
  return {
    capture: { ...DEFAULT_OPTIONS.capture, ...options.capture },
    context: { ...DEFAULT_OPTIONS.context, ...options.context },
    dispatch: { ...DEFAULT_OPTIONS.dispatch, ...options.dispatch },
    delivery: {
      ...DEFAULT_OPTIONS.delivery,
      ...options.delivery,
      health: { ...DEFAULT_OPTIONS.delivery.health, ...options.delivery?.health },
    },
    templates: { ...DEFAULT_OPTIONS.templates, ...options.templates },
    secrets: { ...DEFAULT_OPTIONS.secrets, ...options.secrets },
    retention: { ...DEFAULT_OPTIONS.retention, ...options.retention },
  };
}

function defaultUsername(request: { user?: { username?: unknown; name?: unknown } }): string | null {
  const name = request.user?.username ?? request.user?.name;
  return typeof name === 'string' ? name : null;
}
