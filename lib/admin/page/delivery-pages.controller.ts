import { Get, Inject, Param, Query, Req } from '@nestjs/common';
import { EVENTS } from '../../common/events.js';
import { DELIVERY_STATUSES } from '../../model/webhook-delivery.entity.js';
import { WebhooksService } from '../../webhooks/webhooks.service.js';
import { AdminReads } from '../admin-reads.js';
import type { AdminRequest } from '../admin.interceptor.js';
import type { Answer } from '../answer.js';
import { DeliveryQuery, readListQuery } from '../dto/list-query.js';
import { adviceFor, timeline } from './describe-delivery.js';
import { doneMessage } from './done.js';
import { listPage } from './list-page.js';
import { PageRenderer } from './page-renderer.js';
import type { Fields } from './query-address.js';

/** The list of deliveries, and one of them. */
export abstract class DeliveryPagesController {
  constructor(
    @Inject(WebhooksService) private readonly webhooks: WebhooksService,
    @Inject(AdminReads) private readonly reads: AdminReads,
    @Inject(PageRenderer) private readonly pages: PageRenderer,
  ) {}

  @Get()
  async list(@Req() request: AdminRequest, @Query() query: Fields): Promise<Answer> {
    const { filter, page } = readListQuery(DeliveryQuery, query);
    const [found, webhooks] = await Promise.all([this.reads.deliveries(filter, page), this.webhooks.list()]);
    return this.pages.render({ request, depth: 1 }, 'deliveries', {
      ...listPage(query, filter, page, found),
      webhooks,
      models: this.reads.models(),
      statuses: DELIVERY_STATUSES,
      allEvents: EVENTS,
    });
  }

  @Get(':id')
  async show(
    @Req() request: AdminRequest,
    @Param('id') id: string,
    @Query('done') done: unknown,
  ): Promise<Answer> {
    const delivery = await this.reads.delivery(id);
    return this.pages.render({ request, depth: 2 }, 'delivery', {
      delivery,
      attempts: delivery.history
        .map((attempt) => ({ ...attempt, advice: adviceFor(attempt, delivery.status) }))
        .toReversed(),
      moments: timeline(delivery),
      done: doneMessage(done),
    });
  }
}
