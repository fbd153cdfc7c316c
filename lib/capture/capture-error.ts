import { WebhooksError, type WebhooksErrorCode } from '../common/webhooks-error.js';

/** Capture cannot do its part of a transaction, so the transaction must not commit. */
export class CaptureError extends WebhooksError {
  constructor(code: WebhooksErrorCode, message: string, cause?: unknown) {
    super(code, message, cause === undefined ? undefined : { cause });
  }
}
