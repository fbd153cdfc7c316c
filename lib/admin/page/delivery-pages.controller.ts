import { Get, Inject, Param, Query, Req } from '@nestjs/common';
import { EVENTS } from '../../common/events.js';
import { WebhooksService } from '../../webhooks/webhooks.service.js';
import { AdminReads } from '../admin-reads.js';
import type { AdminRequest } from '../admin.interceptor.js';
import type { Answer } from '../answer.js';
import { DeliveryQuery, PAGE_SIZE, STATUSES } from '../dto/list-query.js';
import { readDto } from '../dto/read-dto.js';
import { adviceFor, timeline } from './describe-delivery.js';
import { doneMessage } from './done.js';
import { PageRenderer } from './page-renderer.js';
import { addressOf, type Fields } from './query-address.js';

/** The list of deliveries, and one of them. */
export abstract class DeliveryPagesController {
  constructor(
    @Inject(WebhooksService) private readonly webhooks: WebhooksService,
    @Inject(AdminReads) private readonly reads: AdminReads,
    @Inject(PageRenderer) private readonly pages: PageRenderer,
  ) {}

  @Get()
  async list(@Req() request: AdminRequest, @Query() query: Fields): Promise<Answer> {
    const { cursor, limit = PAGE_SIZE.usual, ...filter } = readDto(DeliveryQuery, query);
    const [page, webhooks] = await Promise.all([
      this.reads.deliveries(filter, { limit, ...(cursor === undefined ? {} : { cursor }) }),
      this.webhooks.list(),
    ]);
    return this.pages.render({ request, depth: 1 }, 'deliveries', {
      page,
      filter,
      isFiltered: Object.keys(filter).length > 0,
      fields: query,
      live: addressOf(query),
      unpaged: addressOf(query, { cursor: undefined }),
      next: page.next === null ? null : addressOf(query, { cursor: page.next }),
      isFirst: cursor === undefined,
      webhooks,
      models: this.reads.models(),
      statuses: STATUSES,
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
      attempts: delivery.history.map((attempt) => ({ ...attempt, advice: adviceFor(attempt) })).toReversed(),
      moments: timeline(delivery),
      done: doneMessage(done),
    });
  }
}
