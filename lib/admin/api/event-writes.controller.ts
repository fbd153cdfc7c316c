import { Body, Inject, Param, Post } from '@nestjs/common';
import { DeliveriesService } from '../../webhooks/deliveries.service.js';
import type { BulkResult } from '../../webhooks/delivery-filter.js';
import { AdminReads } from '../admin-reads.js';
import { ReplayBody, ReplayEventBody } from '../dto/action-bodies.js';
import { readDto } from '../dto/read-dto.js';
import { Described } from './described.js';

/** Replays events. */
export abstract class EventWritesController {
  constructor(
    @Inject(DeliveriesService) private readonly deliveries: DeliveriesService,
    @Inject(AdminReads) private readonly reads: AdminReads,
  ) {}

  @Post('replay')
  @Described({
    summary: 'Make new deliveries to a webhook of the events that a filter selects; with dryRun only count',
    body: ReplayBody,
    answer: 'How many deliveries were, or would be, made',
  })
  replayMany(@Body() body: object): Promise<BulkResult> {
    const { webhookId, filter, dryRun = false } = readDto(ReplayBody, body);
    return this.deliveries.replay(filter, webhookId, { dryRun });
  }

  @Post(':id/replay')
  @Described({
    summary: 'Make a new delivery of one event to a webhook that listens to it',
    body: ReplayEventBody,
    answer:
      'How many deliveries were made: 0 when the webhook does not listen, or its conditions do not hold',
  })
  async replay(@Param('id') id: string, @Body() body: object): Promise<BulkResult> {
    const { webhookId } = readDto(ReplayEventBody, body);
    await this.reads.event(id);
    return this.deliveries.replay({ ids: [id] }, webhookId);
  }
}
