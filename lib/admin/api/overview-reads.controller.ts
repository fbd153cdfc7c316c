import { Get, Inject, Param } from '@nestjs/common';
import { AdminReads } from '../admin-reads.js';
import type { ModelView } from '../queries/describe-models.js';
import type { TemplateVariable } from '../queries/list-variables.js';
import { QueueControl, type QueueView } from '../queue-control.js';
import { Described } from './described.js';

/** Looks at models and at the queue. */
export abstract class OverviewReadsController {
  constructor(
    @Inject(AdminReads) private readonly reads: AdminReads,
    @Inject(QueueControl) private readonly queue: QueueControl,
  ) {}

  @Get('models')
  @Described({ summary: 'What webhooks can listen to', answer: 'The models with their events and fields' })
  models(): ModelView[] {
    return this.reads.models();
  }

  @Get('models/:model')
  @Described({ summary: 'One model', answer: 'Its fields, and the variables of templates with examples' })
  model(@Param('model') model: string): Promise<ModelView & { variables: TemplateVariable[] }> {
    return this.reads.model(model);
  }

  @Get('queue')
  @Described({
    summary: 'What waits',
    answer: 'Counts (up to 10,000), the oldest, and whether sending is paused',
  })
  state(): Promise<QueueView> {
    return this.queue.view();
  }
}
