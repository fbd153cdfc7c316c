/** The form of every error code of this library. */
export type WebhooksErrorCode = `WEBHOOKS_${string}`;

/**
 * Base of every error this library throws.
 *
 * Prefer `error.code` to `instanceof`: the code stays the same between releases and between two loaded copies.
 * The message says what happened, why, and what to do about it.
 */
export class WebhooksError extends Error {
  /** Stable and documented; every code is listed in `docs/09-errors.md`. */
  readonly code: WebhooksErrorCode;

  constructor(code: WebhooksErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}
