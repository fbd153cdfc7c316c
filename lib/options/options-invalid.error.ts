import { WebhooksError } from '../common/webhooks-error.js';

/** The module was given options that cannot work. Names every one of them. */
export class OptionsInvalidError extends WebhooksError {
  constructor(readonly faults: readonly string[]) {
    super(
      'WEBHOOKS_OPTIONS_INVALID',
      `WebhooksModule cannot start: ${faults.join('; ')}. Correct what WebhooksModule.forRoot() or forRootAsync() is given.`,
    );
  }
}
