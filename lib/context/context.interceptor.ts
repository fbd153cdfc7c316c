import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Observable } from 'rxjs';
import type { ResolvedWebhooksOptions } from '../options/resolve-options.js';
import { WEBHOOKS_OPTIONS } from '../options/webhooks.module-definition.js';
import { requestIdFrom } from './request-id.js';
import { WebhooksContext } from './webhooks-context.js';

/**
 * Fills in the user once guards have found who it is. Handlers that no middleware precedes (message patterns,
 * subscriptions) get a context here.
 */
@Injectable()
export class ContextInterceptor implements NestInterceptor {
  constructor(@Inject(WEBHOOKS_OPTIONS) private readonly options: ResolvedWebhooksOptions) {}

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const username = execution.getType() === 'http' ? this.username(execution) : null;
    const context = WebhooksContext.current();
    if (context !== undefined) {
      // What the application has said before holds where the request names nobody.
      if (username !== null) context.username = username;
      return next.handle();
    }
    return new Observable((subscriber) =>
      WebhooksContext.run({ username, requestId: requestIdFrom(undefined) }, () =>
        next.handle().subscribe(subscriber),
      ),
    );
  }

  private username(execution: ExecutionContext): string | null {
    return this.options.context.username(execution.switchToHttp().getRequest<unknown>()) ?? null;
  }
}
