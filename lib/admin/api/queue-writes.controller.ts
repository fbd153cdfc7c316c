import { Inject, Post } from '@nestjs/common';
import { QueueControl, type QueueView } from '../queue-control.js';
import { Described } from './described.js';

/** Stops and starts sending. */
export abstract class QueueWritesController {
  constructor(@Inject(QueueControl) private readonly queue: QueueControl) {}

  @Post('pause')
  @Described({ summary: 'Pause sending in every process; nothing is lost meanwhile', answer: 'The queue' })
  pause(): Promise<QueueView> {
    return this.queue.pause();
  }

  @Post('resume')
  @Described({ summary: 'Send again', answer: 'The queue' })
  resume(): Promise<QueueView> {
    return this.queue.resume();
  }
}
