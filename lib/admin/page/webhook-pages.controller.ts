import { Get, Inject, Param, Query, Req } from '@nestjs/common';
import { WebhooksService } from '../../webhooks/webhooks.service.js';
import { AdminReads } from '../admin-reads.js';
import type { AdminRequest } from '../admin.interceptor.js';
import type { Answer } from '../answer.js';
import { healthChart, latencyChart } from './charts.js';
import { doneMessage } from './done.js';
import { PageRenderer } from './page-renderer.js';

/** Deliveries shown on the page of a webhook. */
const RECENT = 20;

/** The list of webhooks, and one of them. */
export abstract class WebhookPagesController {
  constructor(
    @Inject(WebhooksService) private readonly webhooks: WebhooksService,
    @Inject(AdminReads) private readonly reads: AdminReads,
    @Inject(PageRenderer) private readonly pages: PageRenderer,
  ) {}

  @Get()
  async list(@Req() request: AdminRequest, @Query('done') done: unknown): Promise<Answer> {
    const webhooks = await this.webhooks.list();
    const models = this.reads.models();
    return this.pages.render({ request, depth: 1 }, 'webhooks', {
      webhooks,
      models,
      done: doneMessage(done),
    });
  }

  /** The part of the list that has to count: each webhook's own is asked for when it is seen. */
  @Get(':id/health')
  async health(@Req() request: AdminRequest, @Param('id') id: string): Promise<Answer> {
    const webhook = await this.webhooks.get(id);
    const health = await this.reads.health(id);
    return this.pages.render({ request, depth: 3 }, 'parts/health', {
      webhook,
      health,
      chart: healthChart(health),
      // It becomes a part of the list, whose address is shorter.
      root: './',
    });
  }

  @Get(':id')
  async show(
    @Req() request: AdminRequest,
    @Param('id') id: string,
    @Query('done') done: unknown,
  ): Promise<Answer> {
    const webhook = await this.webhooks.get(id);
    const [health, latency, { items }] = await Promise.all([
      this.reads.health(id),
      this.reads.latency(id),
      this.reads.deliveries({ webhookId: id }, { limit: RECENT }),
    ]);
    return this.pages.render({ request, depth: 2 }, 'webhook', {
      webhook,
      health,
      chart: healthChart(health),
      latency: latencyChart(latency),
      deliveries: items,
      done: doneMessage(done),
    });
  }
}
