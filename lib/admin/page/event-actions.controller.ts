import { Body, Inject, Param, Post } from '@nestjs/common';
import { DeliveriesService } from '../../webhooks/deliveries.service.js';
import { Answer } from '../answer.js';
import { ReplayEventBody } from '../dto/action-bodies.js';
import { readDto } from '../dto/read-dto.js';

/** The buttons of events. */
export abstract class EventActionsController {
  constructor(@Inject(DeliveriesService) private readonly deliveries: DeliveriesService) {}

  @Post(':id/replay')
  async replay(@Param('id') id: string, @Body() body: object): Promise<Answer> {
    const { webhookId } = readDto(ReplayEventBody, body);
    const { count } = await this.deliveries.replay({ ids: [id] }, webhookId);
    return Answer.redirect(`../${id}?done=${count === 0 ? 'unmatched' : 'replayed'}`);
  }
}
