import { Body, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { DeliveriesService } from '../../webhooks/deliveries.service.js';
import type { DeliveryFilter } from '../../webhooks/delivery-filter.js';
import { WebhooksService } from '../../webhooks/webhooks.service.js';
import { AdminReads } from '../admin-reads.js';
import type { AdminRequest } from '../admin.interceptor.js';
import { Answer } from '../answer.js';
import { DeliveryFilterDto } from '../dto/list-query.js';
import { readDto } from '../dto/read-dto.js';
import { bulkPage, readProgress } from './bulk-page.js';
import { FormBody } from './form-body.js';
import { PageRenderer } from './page-renderer.js';
import type { Fields } from './query-address.js';

/** Deliveries of one step of an action on many: little enough to answer at once. */
const STEP = 200;

/** The buttons of deliveries. */
export abstract class DeliveryActionsController {
  constructor(
    @Inject(DeliveriesService) private readonly deliveries: DeliveriesService,
    @Inject(WebhooksService) private readonly webhooks: WebhooksService,
    @Inject(AdminReads) private readonly reads: AdminReads,
    @Inject(PageRenderer) private readonly pages: PageRenderer,
  ) {}

  /** Says how many it would be, and asks. */
  @Get('bulk')
  async ask(@Req() request: AdminRequest, @Query() query: Fields): Promise<Answer> {
    const { action, filter, fields } = readBulk(query);
    const { count } =
      action === 'retry'
        ? await this.deliveries.retryMany(filter, { dryRun: true })
        : await this.deliveries.cancelMany(filter, { dryRun: true });
    const subject = { action, fields, webhooks: await this.webhooks.list() };
    return this.pages.render(
      { request, depth: 2 },
      'bulk',
      bulkPage(subject, { state: 'asks', total: count, done: 0, cursor: '' }),
    );
  }

  /**
   * One step. The page asks for the next one until none is left, or until its reader leaves it: an action on many
   * lives in no process, and any of them can go on with it.
   */
  @Post('bulk')
  async step(@Req() request: AdminRequest, @Body() body: object): Promise<Answer> {
    const { action, filter, fields } = readBulk(body as Fields);
    const { total, done, cursor } = readProgress(new FormBody(body));
    const part = { limit: STEP, ...(cursor === '' ? {} : { cursor }) };
    const page = await this.reads.deliveries(filter, part);
    const ids = page.items.map(({ id }) => id);
    const { count } =
      ids.length === 0
        ? { count: 0 }
        : action === 'retry'
          ? await this.deliveries.retryMany({ ids })
          : await this.deliveries.cancelMany({ ids });
    const subject = { action, fields, webhooks: await this.webhooks.list() };
    return this.pages.render(
      { request, depth: 2 },
      'bulk',
      bulkPage(subject, {
        state: page.next === null ? 'done' : 'runs',
        total,
        done: done + count,
        cursor: page.next ?? '',
      }),
    );
  }

  @Post(':id/retry')
  async retry(@Param('id') id: string): Promise<Answer> {
    await this.deliveries.retry(id);
    return Answer.redirect(`../${id}?done=retried`);
  }

  @Post(':id/resend')
  async resend(@Param('id') id: string): Promise<Answer> {
    const created = await this.deliveries.resend(id);
    return Answer.redirect(`../${created.id}?done=resent`);
  }

  @Post(':id/cancel')
  async cancel(@Param('id') id: string): Promise<Answer> {
    await this.deliveries.cancel(id);
    return Answer.redirect(`../${id}?done=cancelled`);
  }
}

const STATES = { retry: ['failed'], cancel: ['pending', 'held'] } as const;

/** The filter that the list had, as flat fields. */
function readBulk(given: Fields): { action: 'retry' | 'cancel'; filter: DeliveryFilter; fields: Fields } {
  const { action, cursor: _cursor, total: _total, done: _done, limit: _limit, ...fields } = given;
  const kind = action === 'cancel' ? 'cancel' : 'retry';
  const filter: DeliveryFilter = readDto(DeliveryFilterDto, fields);
  return { action: kind, filter: { status: [...STATES[kind]], ...filter }, fields };
}
