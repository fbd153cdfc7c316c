import { expect, it } from 'vitest';
import { adviceFor } from '../../../lib/admin/page/describe-delivery.js';
import { DELIVERY_STATUSES } from '../../../lib/model/webhook-delivery.entity.js';

it.each([
  { errorClass: 'http', statusCode: 503 },
  { errorClass: 'key', statusCode: null },
  { errorClass: 'internal', statusCode: null },
])('says of a delivery that it is tried again only while it is: $errorClass', (attempt) => {
  const promises = DELIVERY_STATUSES.filter((status) => adviceFor(attempt, status)?.includes('again'));
  expect(promises).toEqual(['pending']);
  expect(adviceFor(attempt, 'failed')).not.toBeNull();
});
