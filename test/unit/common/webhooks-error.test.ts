import { expect, it } from 'vitest';
import { WebhooksError } from '../../../lib/common/webhooks-error.js';

it('carries a code, its own name and the cause', () => {
  class ExampleError extends WebhooksError {}
  const cause = new Error('why');
  const error = new ExampleError('WEBHOOKS_EXAMPLE', 'What, why and what to do.', { cause });
  expect(error).toBeInstanceOf(WebhooksError);
  expect(error).toMatchObject({ name: 'ExampleError', code: 'WEBHOOKS_EXAMPLE', cause });
});
