import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { ResolvedWebhooksOptions } from '../options/resolve-options.js';
import { WEBHOOKS_OPTIONS } from '../options/webhooks.module-definition.js';

/** Says when the application starts what its operators would find out one by one: without keys, nothing with a secret can be saved. */
@Injectable()
export class MissingKeysNotice implements OnModuleInit {
  constructor(@Inject(WEBHOOKS_OPTIONS) private readonly options: ResolvedWebhooksOptions) {}

  onModuleInit(): void {
    if (this.options.secrets.keys.length > 0) return;
    new Logger('WebhooksAdmin').warn(
      'WebhooksModule has no secrets.keys: webhooks that sign, or that have variables, cannot be saved. ' +
        'Make a key with `openssl rand -base64 32` and give it as secrets: { keys: [process.env.WEBHOOKS_KEY!] }.',
    );
  }
}
