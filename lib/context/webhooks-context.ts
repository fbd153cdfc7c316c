import { AsyncLocalStorage } from 'node:async_hooks';

/** Who changes something, and in which request. */
export interface WebhooksContextValues {
  /** @defaultValue `null`, or that of the context around */
  readonly username?: string | null;
  /** @defaultValue `null`, or that of the context around */
  readonly requestId?: string | null;
  /**
   * Changes make no events: for imports, and to break loops.
   *
   * @defaultValue `false`, or that of the context around
   */
  readonly silent?: boolean;
}

/** The context as it is read: nothing is left out. */
export interface CurrentContext {
  username: string | null;
  requestId: string | null;
  silent: boolean;
}

const storage = new AsyncLocalStorage<CurrentContext>();

/**
 * The context that events take `username` and `request_id` from. Requests have one of their own; `run` gives one to
 * work outside of requests: jobs, commands, message handlers.
 */
export const WebhooksContext = {
  /** Runs `fn`, and everything it awaits, with these values. What is not given comes from the context around. */
  run<Result>(values: WebhooksContextValues, fn: () => Result): Result {
    const outer = storage.getStore();
    const context: CurrentContext = {
      username: values.username === undefined ? (outer?.username ?? null) : values.username,
      requestId: values.requestId === undefined ? (outer?.requestId ?? null) : values.requestId,
      silent: values.silent ?? outer?.silent ?? false,
    };
    return storage.run(context, fn);
  },

  /** The context of the running code; `undefined` outside of any. */
  current(): CurrentContext | undefined {
    return storage.getStore();
  },
};
