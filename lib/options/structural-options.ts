import type { CanActivate, Type } from '@nestjs/common';

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
  /**
   * Leave the routes open to everyone who reaches the application. For development.
   *
   * @defaultValue `false`
   */
  readonly public?: boolean;
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
  /** The queue that wakes the workers. */
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
