import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResolvedWebhooksOptions } from '../options/resolve-options.js';
import { WEBHOOKS_OPTIONS } from '../options/webhooks.module-definition.js';
import { requestIdFrom } from './request-id.js';
import { WebhooksContext } from './webhooks-context.js';

/**
 * Opens a context for each HTTP request, before guards run, so that what guards and pipes write belongs to the
 * request as well. The request id is echoed in the response.
 */
@Injectable()
export class ContextMiddleware implements NestMiddleware<IncomingMessage, ServerResponse> {
  constructor(@Inject(WEBHOOKS_OPTIONS) private readonly options: ResolvedWebhooksOptions) {}

  use(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const name = this.options.context.requestIdHeader.toLowerCase();
    const requestId = requestIdFrom(request.headers[name]);
    response.setHeader(name, requestId);
    WebhooksContext.run({ username: null, requestId, silent: false }, next);
  }
}
