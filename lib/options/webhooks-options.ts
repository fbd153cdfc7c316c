import type { CanActivate, Type } from '@nestjs/common';

/** Which addresses deliveries may reach. Settings of the application, never of those who edit webhooks. */
export interface NetworkOptions {
  /**
   * CIDR blocks that may be reached although they are not public, such as `10.20.0.0/16` or `127.0.0.1/32`.
   *
   * @defaultValue `[]`
   */
  readonly allow?: readonly string[];
  /**
   * CIDR blocks that may not be reached although they are public. Wins over `allow`.
   *
   * @defaultValue `[]`
   */
  readonly deny?: readonly string[];
  /**
   * Refuse `http:` URLs.
   *
   * @defaultValue `false`
   */
  readonly httpsOnly?: boolean;
  /**
   * Ports that may be reached.
   *
   * @defaultValue every port
   */
  readonly ports?: readonly number[];
}

/** How deliveries are sent and tried again. */
export interface DeliveryOptions {
  /**
   * Deliveries one worker process sends at a time.
   *
   * @defaultValue `50`
   */
  readonly concurrency?: number;
  /**
   * Deliveries one worker process sends to one webhook at a time, so that a slow endpoint takes nothing from others.
   *
   * @defaultValue `10`
   */
  readonly concurrencyPerWebhook?: number;
  /**
   * Milliseconds for one attempt from name lookup to the last byte of the answer.
   *
   * @defaultValue `15_000`
   */
  readonly timeout?: number;
  /**
   * Milliseconds before each attempt; its length is the number of attempts. The default is the example schedule of
   * Standard Webhooks: ten attempts over about 75 hours.
   *
   * @defaultValue `[0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000]`
   */
  readonly schedule?: readonly number[];
  /**
   * Share of the delay that is added at random, so that retries spread. Never makes an attempt earlier.
   *
   * @defaultValue `0.1`
   */
  readonly jitter?: number;
  /** Which addresses may be reached. Default: public ones only. */
  readonly network?: NetworkOptions;
}

/** How changes are captured. */
export interface CaptureOptions {
  /**
   * Capture every tracked entity, whether or not a webhook listens. Removes the second in which a webhook that was
   * just created in another process is not yet known here; costs the statements of capture on every write.
   *
   * @defaultValue `false`
   */
  readonly always?: boolean;
  /**
   * Rows that one set-based statement may change with full snapshots; bounds memory and the time rows stay locked.
   *
   * @defaultValue `5_000`
   */
  readonly maxRows?: number;
  /**
   * What happens to a statement that would change more than `maxRows` rows: `refuse` throws before anything is
   * written, `keys` captures which objects changed without their data, `warn` lets it pass uncaptured and logs it.
   *
   * @defaultValue `'refuse'`
   */
  readonly overMaxRows?: 'refuse' | 'keys' | 'warn';
  /**
   * What happens to a write of a tracked table that cannot be captured, such as raw SQL or TRUNCATE: `warn` logs it
   * once per statement, `refuse` throws before it runs, `ignore` says nothing.
   *
   * @defaultValue `'warn'`
   */
  readonly uncaptured?: 'warn' | 'refuse' | 'ignore';
}

/** Who made a change, and in which request. */
export interface ContextOptions {
  /**
   * Reads the user's name from the platform's request. Called when a handler is about to run, after guards.
   *
   * @defaultValue `request.user?.username ?? request.user?.name ?? null`
   */
  readonly username?: (request: never) => string | null | undefined;
  /**
   * Request header whose value becomes the request id when it is well-formed.
   *
   * @defaultValue `'x-request-id'`
   */
  readonly requestIdHeader?: string;
}

/** How committed events become deliveries. */
export interface DispatchOptions {
  /**
   * Milliseconds between looks for events whose wake-up was lost.
   *
   * @defaultValue `1_000`
   */
  readonly pollInterval?: number;
  /**
   * Events claimed by one transaction.
   *
   * @defaultValue `100`
   */
  readonly batchSize?: number;
}

/** Limits of one rendering of a template. */
export interface TemplateOptions {
  /**
   * Evaluation steps.
   *
   * @defaultValue `100_000`
   */
  readonly maxSteps?: number;
  /**
   * Milliseconds of rendering; the event loop is held for that long at most.
   *
   * @defaultValue `100`
   */
  readonly timeLimit?: number;
  /**
   * Characters of output, and of any string made on the way.
   *
   * @defaultValue `1_000_000`
   */
  readonly maxOutput?: number;
}

/** Encryption of webhook secrets at rest. */
export interface SecretsOptions {
  /**
   * AES-256 keys, each 32 bytes as base64 or hex (`openssl rand -base64 32`). The first encrypts, all decrypt.
   */
  readonly keys: readonly string[];
}

/** How long finished rows are kept. */
export interface RetentionOptions {
  /**
   * Milliseconds after which a finished delivery and its attempts are deleted; `false` keeps them.
   *
   * @defaultValue 30 days
   */
  readonly deliveries?: number | false;
  /**
   * Milliseconds after which a dispatched event without unfinished deliveries is deleted; `false` keeps it.
   *
   * @defaultValue 7 days
   */
  readonly events?: number | false;
}

/** Options that may come from a factory. */
export interface WebhooksModuleOptions {
  readonly capture?: CaptureOptions;
  readonly context?: ContextOptions;
  readonly dispatch?: DispatchOptions;
  readonly delivery?: DeliveryOptions;
  readonly templates?: TemplateOptions;
  readonly secrets?: SecretsOptions;
  readonly retention?: RetentionOptions;
}

/** The admin controllers. Access is the application's: give guards, or say `public: true`. */
export interface AdminOptions {
  /**
   * Where they are mounted, below the application's global prefix.
   *
   * @defaultValue `'admin/webhooks'`
   */
  readonly path?: string;
  /** Guards for every route, by class (what they inject comes from `imports`) or as instances. */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[];
  /** Leave the routes open to everyone who reaches the application. For development. */
  readonly public?: true;
  /**
   * Answer reads only.
   *
   * @defaultValue `false`
   */
  readonly readOnly?: boolean;
}

/** Where the queue that wakes the workers lives. It is a wake-up only: its loss delays, never loses. */
export interface QueueOptions {
  /**
   * Name of the BullMQ queue.
   *
   * @defaultValue `'webhooks'`
   */
  readonly name?: string;
  /** Key of the shared BullMQ configuration (`BullModule.forRoot(configKey, …)`). Default: the unnamed one. */
  readonly configKey?: string;
  /**
   * `redis` as configured by `BullModule.forRoot()`, or `postgres` through BullMQ's own PostgreSQL backend in the
   * database of `dataSource`, for this queue only.
   *
   * @defaultValue `'redis'`
   */
  readonly backend?: 'redis' | 'postgres';
}

/** Options that shape the module itself and are needed before any factory can run. */
export interface WebhooksStructuralOptions {
  /**
   * Name of the TypeORM data source of the tracked entities.
   *
   * @defaultValue `'default'`
   */
  readonly dataSource?: string;
  readonly queue?: QueueOptions;
  /**
   * Dispatch and deliver in this process. `false` for processes that only serve requests.
   *
   * @defaultValue `true`
   */
  readonly worker?: boolean;
  /**
   * The admin controllers; `false` mounts none.
   *
   * @defaultValue `false`
   */
  readonly admin?: AdminOptions | false;
  /**
   * Make the exported services injectable everywhere.
   *
   * @defaultValue `true`
   */
  readonly isGlobal?: boolean;
}
