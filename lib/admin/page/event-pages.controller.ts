import { Get, Inject, Param, Query, Req } from '@nestjs/common';
import { EVENTS } from '../../common/events.js';
import { AdminReads } from '../admin-reads.js';
import type { AdminRequest } from '../admin.interceptor.js';
import type { Answer } from '../answer.js';
import { EventQuery, readListQuery } from '../dto/list-query.js';
import { doneMessage } from './done.js';
import { listPage } from './list-page.js';
import { PageRenderer } from './page-renderer.js';
import type { Fields } from './query-address.js';

/** The list of events, and one of them. */
export abstract class EventPagesController {
  constructor(
    @Inject(AdminReads) private readonly reads: AdminReads,
    @Inject(PageRenderer) private readonly pages: PageRenderer,
  ) {}

  @Get()
  async list(@Req() request: AdminRequest, @Query() query: Fields): Promise<Answer> {
    const { filter, page } = readListQuery(EventQuery, query);
    return this.pages.render({ request, depth: 1 }, 'events', {
      ...listPage(query, filter, page, await this.reads.events(filter, page)),
      models: this.reads.models(),
      allEvents: EVENTS,
    });
  }

  @Get(':id')
  async show(
    @Req() request: AdminRequest,
    @Param('id') id: string,
    @Query('done') done: unknown,
  ): Promise<Answer> {
    const event = await this.reads.event(id);
    const unchanged = event.diff.filter(({ changed }) => !changed);
    return this.pages.render({ request, depth: 2 }, 'event', { event, unchanged, done: doneMessage(done) });
  }
}
