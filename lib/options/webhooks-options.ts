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
   * Refuse webhooks that do not check the certificate of their receiver (`sslVerification: false`), when they are saved
   * and when they are sent.
   *
   * @defaultValue `false`
   */
  readonly requireSslVerification?: boolean;
  /**
   * Ports that may be reached, at least one.
   *
   * @defaultValue every port
   */
  readonly ports?: readonly number[];
}

/**
 * A forward proxy for deliveries. Addresses are looked up and vetted here, and the proxy is asked (CONNECT) for a tunnel
 * to what was vetted: it is given no name that it could resolve to something else.
 */
export interface ProxyOptions {
  /** `http:` or `https:` URL, with user name and password (percent-encoded) if the proxy asks for them. */
  readonly url: string;
  /**
   * Receivers that are reached without it: host names with everything below them (`internal.example`, without `*`), and
   * CIDR blocks for URLs that hold an address.
   *
   * @defaultValue `[]`
   */
  readonly noProxy?: readonly string[];
  /**
   * PEM certificates to trust for the proxy itself **instead of** the system's, when its URL is `https:`.
   */
  readonly ca?: string;
}

/** When an endpoint rests, and when it is given up. Its deliveries wait meanwhile and lose no attempts. */
export interface HealthOptions {
  /**
   * Failures in a row after which an endpoint rests.
   *
   * @defaultValue `10`
   */
  readonly pauseAfter?: number;
  /**
   * Milliseconds of the first rest. After it one delivery is sent as a probe; every probe that fails doubles the rest.
   *
   * @defaultValue `60_000`
   */
  readonly pause?: number;
  /**
   * Milliseconds of the longest rest.
   *
   * @defaultValue `3_600_000`
   */
  readonly maxPause?: number;
  /**
   * Failures in a row after which the webhook is disabled, if `disableAfterTime` has passed as well.
   *
   * @defaultValue `50`
   */
  readonly disableAfterFailures?: number;
  /**
   * Milliseconds since the first of the failures in a row after which the webhook is disabled, if there were
   * `disableAfterFailures` of them as well.
   *
   * @defaultValue 5 days
   */
  readonly disableAfterTime?: number;
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
   * Milliseconds for one attempt from name lookup to the last byte of the answer, 3,600,000 at most.
   *
   * @defaultValue `15_000`
   */
  readonly timeout?: number;
  /**
   * Milliseconds before each attempt, at least one; its length is the number of attempts. The default is the example schedule of
   * Standard Webhooks: ten attempts over about 75 hours.
   *
   * @defaultValue `[0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000]`
   */
  readonly schedule?: readonly number[];
  /**
   * Share of the delay that is added at random, so that retries spread: at most 0.2. Never makes an attempt earlier.
   *
   * @defaultValue `0.1`
   */
  readonly jitter?: number;
  /** When an endpoint rests, and when it is given up. */
  readonly health?: HealthOptions;
  /**
   * Milliseconds for which deliveries of a disabled webhook are held. Enabling it sends those that are younger; older
   * ones are cancelled.
   *
   * @defaultValue 7 days
   */
  readonly heldMaxAge?: number;
  /**
   * Milliseconds that a stopping process waits for requests on their way. What is not answered by then is broken off
   * and left to another worker, without counting as an attempt.
   *
   * @defaultValue `10_000`
   */
  readonly shutdownTimeout?: number;
  /** Which addresses may be reached. Default: public ones only. */
  readonly network?: NetworkOptions;
  /**
   * A proxy for all deliveries. Proxies of the environment (`HTTP_PROXY` …) are never used.
   *
   * @defaultValue none
   */
  readonly proxy?: ProxyOptions;
}

/** How changes are captured. */
export interface CaptureOptions {
  /**
   * Capture every tracked entity, whether or not a webhook names its model. Removes the second in which a webhook that was
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
   * written, `keys` captures which objects changed without their data, and throws where that would not be all (new keys,
   * cascades, join tables), `warn` lets it pass uncaptured and logs it.
   *
   * @defaultValue `'refuse'`
   */
  readonly overMaxRows?: 'refuse' | 'keys' | 'warn';
  /**
   * What happens to a write of a tracked table that cannot be captured, such as raw SQL, TRUNCATE, or a trigger that is
   * found when the application starts: `warn` logs it once per statement, `refuse` throws before it runs or the
   * application starts, `ignore` says nothing.
   *
   * @defaultValue `'warn'`
   */
  readonly uncaptured?: 'warn' | 'refuse' | 'ignore';
  /**
   * Lets connections to PostgreSQL keep the statements of capture prepared, by names that begin with `webhooks_`, so
   * that the server does not plan them each time. Happens only where a connection is found to lead to one server
   * process, not through a pooler that gives it another for each transaction. Turn it off where something runs
   * `DISCARD ALL` or `DEALLOCATE ALL` on the connections.
   *
   * @defaultValue `true`
   */
  readonly preparedStatements?: boolean;
}

/** Who made a change, and in which request. */
export interface ContextOptions {
  /**
   * Reads the user's name from the platform's request, of whatever type that is. Called when a handler is about to run,
   * after guards.
   *
   * @defaultValue `request.user?.username ?? request.user?.name ?? null`
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- only the application knows the type of its requests
  readonly username?: (request: any) => string | null | undefined;
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
   * Milliseconds between looks for events whose wake-up was lost, 10 at least.
   *
   * @defaultValue `1_000`
   */
  readonly pollInterval?: number;
  /**
   * Events claimed by one transaction, 10,000 at most.
   *
   * @defaultValue `250`
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
   * AES-256 keys, each 32 bytes as base64, base64url or hex (`openssl rand -base64 32`). The first encrypts, all decrypt.
   *
   * @defaultValue none: webhooks that have a secret or variables cannot be saved (`WEBHOOKS_KEY_MISSING`)
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
  /** How changes are captured. */
  readonly capture?: CaptureOptions;
  /** Who made a change, and in which request. */
  readonly context?: ContextOptions;
  /** How committed events become deliveries. */
  readonly dispatch?: DispatchOptions;
  /** How deliveries are sent and tried again. */
  readonly delivery?: DeliveryOptions;
  /** Limits of templates. */
  readonly templates?: TemplateOptions;
  /** Encryption of secrets. Without keys no webhook can have any. */
  readonly secrets?: SecretsOptions;
  /** How long finished rows are kept. */
  readonly retention?: RetentionOptions;
}
