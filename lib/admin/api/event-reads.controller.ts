import { Get, Inject, Param, Query } from '@nestjs/common';
import { AdminReads } from '../admin-reads.js';
import { EventQuery, readListQuery } from '../dto/list-query.js';
import type { EventItem } from '../queries/list-events.js';
import type { PageOf } from '../queries/page-of.js';
import type { EventView } from '../queries/read-event.js';
import { Described } from './described.js';

/** Looks at events. */
export abstract class EventReadsController {
  constructor(@Inject(AdminReads) private readonly reads: AdminReads) {}

  @Get()
  @Described({
    summary: 'Events, newest first',
    query: EventQuery,
    answer: 'A page: items, next, searchedTo',
  })
  list(@Query() query: object): Promise<PageOf<EventItem>> {
    const { filter, page } = readListQuery(EventQuery, query);
    return this.reads.events(filter, page);
  }

  @Get(':id')
  @Described({
    summary: 'One event: what changed, and for each webhook why it was sent or not',
    answer: 'The event with its diff and reasons',
  })
  get(@Param('id') id: string): Promise<EventView> {
    return this.reads.event(id);
  }
}
