import { Inject, Post } from '@nestjs/common';
import { Answer } from '../answer.js';
import { QueueControl } from '../queue-control.js';

/** The buttons of the queue. */
export abstract class QueueActionsController {
  constructor(@Inject(QueueControl) private readonly queue: QueueControl) {}

  @Post('pause')
  async pause(): Promise<Answer> {
    await this.queue.pause();
    return Answer.redirect('../queue?done=paused');
  }

  @Post('resume')
  async resume(): Promise<Answer> {
    await this.queue.resume();
    return Answer.redirect('../queue?done=resumed');
  }
}
