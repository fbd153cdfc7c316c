import type { ExecutionContext } from '@nestjs/common';
import { of } from 'rxjs';
import { expect, it } from 'vitest';
import { ContextInterceptor } from '../../../lib/context/context.interceptor.js';
import { WebhooksContext } from '../../../lib/context/webhooks-context.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

it.each([
  ['whom the request names', { user: { name: 'ada' } }, 'ada'],
  ['whom the application has named before', {}, 'by a middleware'],
])('the user is %s', (_, request, expected) => {
  const execution = { getType: () => 'http', switchToHttp: () => ({ getRequest: () => request }) };
  const interceptor = new ContextInterceptor(resolveOptions({}));
  WebhooksContext.run({ username: 'by a middleware' }, () => {
    interceptor.intercept(execution as unknown as ExecutionContext, { handle: () => of(1) });
    expect(WebhooksContext.current()?.username).toBe(expected);
  });
});
