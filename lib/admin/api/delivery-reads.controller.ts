import { Get, Inject, Param, Query } from '@nestjs/common';
import { AdminReads, type NamedDelivery } from '../admin-reads.js';
import { DeliveryQuery, readListQuery } from '../dto/list-query.js';
import type { PageOf } from '../queries/page-of.js';
import type { DeliveryView } from '../queries/read-delivery.js';
import { Described } from './described.js';

/** Looks at deliveries. */
export abstract class DeliveryReadsController {
  constructor(@Inject(AdminReads) private readonly reads: AdminReads) {}

  @Get()
  @Described({
    summary: 'Deliveries, newest first',
    query: DeliveryQuery,
    answer: 'A page: items, next, searchedTo',
  })
  list(@Query() query: object): Promise<PageOf<NamedDelivery>> {
    const { filter, page } = readListQuery(DeliveryQuery, query);
    return this.reads.deliveries(filter, page);
  }

  @Get(':id')
  @Described({ summary: 'One delivery with its attempts', answer: 'The delivery; secret values are masked' })
  get(@Param('id') id: string): Promise<DeliveryView> {
    return this.reads.delivery(id);
  }
}
