import { Body, Inject, Param, Post } from '@nestjs/common';
import { DeliveriesService } from '../../webhooks/deliveries.service.js';
import type { BulkResult } from '../../webhooks/delivery-filter.js';
import { AdminReads } from '../admin-reads.js';
import { BulkBody } from '../dto/action-bodies.js';
import { readDto } from '../dto/read-dto.js';
import type { DeliveryView } from '../queries/read-delivery.js';
import { Described } from './described.js';

/** Retries and cancels deliveries. */
export abstract class DeliveryWritesController {
  constructor(
    @Inject(DeliveriesService) private readonly deliveries: DeliveriesService,
    @Inject(AdminReads) private readonly reads: AdminReads,
  ) {}

  @Post('retry')
  @Described({
    summary: 'Retry what a filter selects; with dryRun only count',
    body: BulkBody,
    answer: 'How many were, or would be, retried',
  })
  retryMany(@Body() body: object): Promise<BulkResult> {
    const { filter, dryRun = false } = readDto(BulkBody, body);
    return this.deliveries.retryMany(filter, { dryRun });
  }

  @Post('cancel')
  @Described({
    summary: 'Cancel what a filter selects and is not finished; with dryRun only count',
    body: BulkBody,
    answer: 'How many were, or would be, cancelled',
  })
  cancelMany(@Body() body: object): Promise<BulkResult> {
    const { filter, dryRun = false } = readDto(BulkBody, body);
    return this.deliveries.cancelMany(filter, { dryRun });
  }

  @Post(':id/retry')
  @Described({ summary: 'Send a delivery again now: same id, same body', answer: 'The delivery' })
  async retry(@Param('id') id: string): Promise<DeliveryView> {
    await this.deliveries.retry(id);
    return this.reads.delivery(id);
  }

  @Post(':id/resend')
  @Described({
    summary: 'Send its event again as the webhook is defined now: a new delivery',
    answer: 'The id of the new delivery',
  })
  resend(@Param('id') id: string): Promise<{ id: string }> {
    return this.deliveries.resend(id);
  }

  @Post(':id/cancel')
  @Described({ summary: 'Cancel a delivery that is not finished', answer: 'The delivery' })
  async cancel(@Param('id') id: string): Promise<DeliveryView> {
    await this.deliveries.cancel(id);
    return this.reads.delivery(id);
  }
}
