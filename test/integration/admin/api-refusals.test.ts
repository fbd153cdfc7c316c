import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN_VARIANTS, startAdmin, type AdminUnderTest } from '../../support/admin.js';
import { describeOn } from '../../support/databases.js';

describeOn(ADMIN_VARIANTS, 'what the admin API refuses on $name', (variant) => {
  let admin: AdminUnderTest;

  beforeAll(async () => {
    admin = await startAdmin(variant.platform, { store: variant });
  });
  afterAll(() => admin.close());

  it.each<[string, string, string, unknown, object]>([
    [
      'a webhook without anything',
      'POST',
      'webhooks',
      {},
      {
        statusCode: 422,
        code: 'WEBHOOKS_WEBHOOK_INVALID',
        fields: { name: expect.any(Array), url: expect.any(Array) },
      },
    ],
    [
      'a field that does not exist',
      'POST',
      'webhooks',
      { nam: 'x' },
      { statusCode: 422, fields: { nam: expect.any(Array) } },
    ],
    [
      'a list instead of an object',
      'POST',
      'webhooks',
      [],
      { statusCode: 400, code: 'WEBHOOKS_REQUEST_MALFORMED' },
    ],
    [
      'a state that there is not',
      'GET',
      'deliveries?status=lost',
      undefined,
      { statusCode: 422, fields: { status: [expect.stringContaining('pending')] } },
    ],
    [
      'a page that is too large',
      'GET',
      'deliveries?limit=100000',
      undefined,
      { statusCode: 422, fields: { limit: expect.any(Array) } },
    ],
    [
      'a time that is none',
      'GET',
      'events?since=yesterday',
      undefined,
      { statusCode: 422, fields: { since: expect.any(Array) } },
    ],
    [
      'a parameter that does not exist',
      'GET',
      'events?colour=red',
      undefined,
      { statusCode: 422, fields: { colour: expect.any(Array) } },
    ],
    [
      'a delivery that is not there',
      'POST',
      'deliveries/nope/retry',
      {},
      { statusCode: 404, code: 'WEBHOOKS_NOT_FOUND' },
    ],
    [
      'an event that is not there',
      'GET',
      'events/nope',
      undefined,
      { statusCode: 404, code: 'WEBHOOKS_NOT_FOUND' },
    ],
    [
      'a model that is not there',
      'GET',
      'models/nope',
      undefined,
      { statusCode: 404, code: 'WEBHOOKS_NOT_FOUND' },
    ],
    [
      'a webhook that is not there',
      'POST',
      'events/replay',
      { webhookId: '00000000-0000-4000-8000-000000000000', filter: {} },
      { statusCode: 404 },
    ],
    [
      'an id that is none',
      'POST',
      'events/replay',
      { webhookId: 'x', filter: {} },
      { statusCode: 422, fields: { webhookId: expect.any(Array) } },
    ],
    ...['deliveries/retry', 'deliveries/cancel', 'events/replay'].map(
      (path): [string, string, string, unknown, object] => [
        `a request to ${path} that says nothing`,
        'POST',
        path,
        { webhookId: path === 'events/replay' ? '00000000-0000-4000-8000-000000000000' : undefined },
        { statusCode: 422, fields: { filter: ['filter is missing; send {} to mean all'] } },
      ],
    ),
    ...(
      [
        [{ status: 'lost' }, 'filter.status', 'status may only name'],
        [{ modell: 'x' }, 'filter.modell', 'property modell should not exist'],
        [{ since: 'yesterday' }, 'filter.since', 'since must be a time'],
        ...[
          'webhookId',
          'model',
          'event',
          'objectId',
          'since',
          'until',
          'requestId',
          'username',
          'status',
        ].map((name) => [{ [name]: null }, `filter.${name}`, name] as const),
        [[], 'filter', 'filter must be an object'],
        ['all', 'filter', 'filter must be an object'],
      ] as const
    ).map(([filter, field, message]): [string, string, string, unknown, object] => [
      `the filter ${JSON.stringify(filter)}`,
      'POST',
      'deliveries/cancel',
      { filter, dryRun: true },
      {
        statusCode: 422,
        message: expect.stringContaining(message),
        fields: { [field]: expect.arrayContaining([expect.stringContaining(message)]) },
      },
    ]),
    [
      'an order that may be a dry run',
      'POST',
      'deliveries/retry',
      { filter: {}, dryRun: null },
      { statusCode: 422, fields: { dryRun: expect.any(Array) } },
    ],
  ])('refuses %s in the one format', async (_, method, path, body, expected) => {
    const answer = await admin.api<Record<string, unknown>>(method, path, body);
    expect(answer.body).toMatchObject({ message: expect.any(String), code: expect.any(String), ...expected });
    expect(answer.status).toBe(answer.body['statusCode']);
  });
});
