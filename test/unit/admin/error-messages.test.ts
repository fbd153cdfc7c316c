import { expect, it } from 'vitest';
import { requestInvalid } from '../../../lib/admin/admin.error.js';
import { WebhookInvalidError } from '../../../lib/webhooks/webhook-invalid.error.js';

const FAULTS = { url: ['is not allowed. Add it to the list.', 'is odd'], name: ['is too long …', 'ends.'] };

it.each([
  [requestInvalid(FAULTS), 'The request cannot be used: '],
  [new WebhookInvalidError(FAULTS), 'The webhook was not saved: '],
])('a fault that ends with a point gives no second one: %s', ({ message, fields }, beginning) => {
  const faults = 'is not allowed. Add it to the list; is odd; is too long …; ends.';
  expect(message.slice(0, beginning.length + faults.length)).toBe(beginning + faults);
  expect(message).not.toContain('..');
  expect(fields).toBe(FAULTS);
});
