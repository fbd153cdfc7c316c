import { Body, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { EVENTS } from '../../common/events.js';
import { DeliveriesService } from '../../webhooks/deliveries.service.js';
import { WebhooksService } from '../../webhooks/webhooks.service.js';
import { AdminReads } from '../admin-reads.js';
import type { AdminRequest } from '../admin.interceptor.js';
import { requestInvalid } from '../admin.error.js';
import { Answer } from '../answer.js';
import { ReplayEventBody } from '../dto/action-bodies.js';
import { ReplayQuery } from '../dto/list-query.js';
import { readDto } from '../dto/read-dto.js';
import { bulkPage, readProgress } from './bulk-page.js';
import { FormBody } from './form-body.js';
import { PageRenderer } from './page-renderer.js';
import { addressOf, type Fields } from './query-address.js';

/** Events that are looked at to say how many deliveries a replay would make. */
const COUNTED = 10_000;
/** Events of one step: little enough to answer at once. */
const STEP = 200;

/** The buttons of events. */
export abstract class EventActionsController {
  constructor(
    @Inject(DeliveriesService) private readonly deliveries: DeliveriesService,
    @Inject(WebhooksService) private readonly webhooks: WebhooksService,
    @Inject(AdminReads) private readonly reads: AdminReads,
    @Inject(PageRenderer) private readonly pages: PageRenderer,
  ) {}

  /** Asks for the webhook, then says how many deliveries it would be, and asks again. */
  @Get('replay')
  async ask(@Req() request: AdminRequest, @Query() query: Fields): Promise<Answer> {
    const { cursor: _cursor, limit: _limit, ...given } = query;
    const { webhookId, ...filter } = readDto(ReplayQuery, given);
    const place = { request, depth: 2 };
    const webhooks = await this.webhooks.list();
    if (webhookId === undefined) {
      return this.pages.render(place, 'replay', {
        webhooks,
        fields: given,
        filter,
        list: addressOf(given),
        models: this.reads.models(),
        allEvents: EVENTS,
      });
    }
    const dryRun = { dryRun: true, limit: COUNTED };
    const { count, next } = await this.deliveries.replay(filter, webhookId, dryRun);
    // What happens from here on is not what was counted; a receiver that causes events would never let it end.
    const fields = { ...given, until: given['until'] ?? '' };
    if (fields.until === '') fields.until = new Date().toISOString();
    const subject = { action: 'replay', fields, webhooks } as const;
    const isMore = next !== undefined;
    return this.pages.render(
      place,
      'bulk',
      bulkPage(subject, { state: 'asks', total: count, done: 0, cursor: '', isMore }),
    );
  }

  /** One step; the page asks for the next one until none is left, or until its reader leaves it. */
  @Post('replay')
  async step(@Req() request: AdminRequest, @Body() body: object): Promise<Answer> {
    const form = new FormBody(body);
    const {
      action: _action,
      cursor: _cursor,
      total: _total,
      done: _done,
      isMore,
      ...fields
    } = { ...body } as Fields;
    const { webhookId, ...filter } = readDto(ReplayQuery, fields);
    if (webhookId === undefined)
      throw requestInvalid({ webhookId: ['webhookId must be the id of a webhook'] });
    const { total, done, cursor } = readProgress(form);
    const after = /^\d{1,18}$/.test(cursor) ? { after: cursor } : {};
    const { count, next } = await this.deliveries.replay(filter, webhookId, { limit: STEP, ...after });
    const subject = { action: 'replay', fields, webhooks: await this.webhooks.list() } as const;
    return this.pages.render(
      { request, depth: 2 },
      'bulk',
      bulkPage(subject, {
        state: next === undefined ? 'done' : 'runs',
        total,
        done: done + count,
        cursor: next ?? '',
        isMore: isMore !== undefined,
      }),
    );
  }

  @Post(':id/replay')
  async replay(@Param('id') id: string, @Body() body: object): Promise<Answer> {
    const { webhookId } = readDto(ReplayEventBody, body);
    await this.reads.event(id);
    const { count } = await this.deliveries.replay({ ids: [id] }, webhookId);
    return Answer.redirect(`../${id}?done=${count === 0 ? 'unmatched' : 'replayed'}`);
  }
}
