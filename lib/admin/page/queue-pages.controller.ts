import { Get, Inject, Query, Req } from '@nestjs/common';
import { WebhooksService } from '../../webhooks/webhooks.service.js';
import type { AdminRequest } from '../admin.interceptor.js';
import type { Answer } from '../answer.js';
import { QueueControl } from '../queue-control.js';
import { doneMessage } from './done.js';
import { PageRenderer } from './page-renderer.js';

/** What waits. */
export abstract class QueuePagesController {
  constructor(
    @Inject(QueueControl) private readonly queue: QueueControl,
    @Inject(WebhooksService) private readonly webhooks: WebhooksService,
    @Inject(PageRenderer) private readonly pages: PageRenderer,
  ) {}

  @Get()
  async show(@Req() request: AdminRequest, @Query('done') done: unknown): Promise<Answer> {
    const [queue, webhooks] = await Promise.all([this.queue.view(), this.webhooks.list()]);
    const resting = webhooks.filter(
      ({ pausedUntil, enabled }) => enabled && pausedUntil !== null && pausedUntil.getTime() > Date.now(),
    );
    const disabled = webhooks.filter(({ enabled }) => !enabled);
    return this.pages.render({ request, depth: 1 }, 'queue', {
      queue,
      resting,
      disabled,
      done: doneMessage(done),
    });
  }
}
