import { describe, expect, it } from 'vitest';
import { bodySchema } from '../../../lib/admin/api/body-schema.js';
import { BulkBody } from '../../../lib/admin/dto/action-bodies.js';
import { EVENTS, METHODS } from '../../../lib/common/events.js';
import { DELIVERY_STATUSES } from '../../../lib/model/webhook-delivery.entity.js';
import { WebhookInput } from '../../../lib/webhooks/webhook-input.js';

describe('the schema of a body', () => {
  it('has the types of a webhook', () => {
    const { required, properties } = bodySchema(WebhookInput);
    expect(required?.toSorted()).toEqual(['events', 'models', 'name', 'url']);
    expect(properties).toMatchObject({
      name: { type: 'string' },
      enabled: { type: 'boolean' },
      models: { type: 'array', items: { type: 'string' } },
      events: { type: 'array', items: { type: 'string', enum: EVENTS } },
      method: { type: 'string', enum: METHODS },
      schedule: { type: 'array', items: { type: 'integer' }, nullable: true },
      timeout: { type: 'integer', nullable: true },
      secret: { type: 'string', nullable: true },
      conditions: { nullable: true },
      variables: { nullable: true },
    });
    for (const name of ['name', 'method', 'models', 'enabled']) {
      expect(properties?.[name]).not.toHaveProperty('nullable');
    }
    expect(properties?.['models']).not.toHaveProperty('enum');
  });

  it('requires nothing of a change', () => {
    expect(bodySchema(WebhookInput, true)).not.toHaveProperty('required');
  });

  it('has what a filter has', () => {
    expect(bodySchema(BulkBody)).toMatchObject({
      required: ['filter'],
      properties: {
        filter: {
          type: 'object',
          properties: {
            model: { type: 'string' },
            event: { type: 'string', enum: EVENTS },
            since: { type: 'string' },
            webhookId: { type: 'string' },
            status: { type: 'array', items: { type: 'string', enum: DELIVERY_STATUSES } },
          },
        },
        dryRun: { type: 'boolean' },
      },
    });
    expect(bodySchema(BulkBody).properties?.['filter']).not.toHaveProperty('required');
  });
});
