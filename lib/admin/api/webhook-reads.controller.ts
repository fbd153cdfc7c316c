import { Get, Inject, Param } from '@nestjs/common';
import type { WebhookView } from '../../webhooks/webhook-view.js';
import { WebhooksService } from '../../webhooks/webhooks.service.js';
import { AdminReads } from '../admin-reads.js';
import type { WebhookHealth } from '../queries/read-health.js';
import { Described } from './described.js';

/** Looks at webhooks. */
export abstract class WebhookReadsController {
  constructor(
    @Inject(WebhooksService) private readonly webhooks: WebhooksService,
    @Inject(AdminReads) private readonly reads: AdminReads,
  ) {}

  @Get()
  @Described({ summary: 'All webhooks by name', answer: 'A list of webhooks, without their secrets' })
  list(): Promise<WebhookView[]> {
    return this.webhooks.list();
  }

  @Get(':id')
  @Described({ summary: 'One webhook', answer: 'The webhook, without its secrets' })
  get(@Param('id') id: string): Promise<WebhookView> {
    return this.webhooks.get(id);
  }

  @Get(':id/health')
  @Described({
    summary: 'How a webhook did in the last 24 hours',
    answer: 'Counts by hour, and the last error',
  })
  async health(@Param('id') id: string): Promise<WebhookHealth> {
    await this.webhooks.get(id);
    return this.reads.health(id);
  }
}
