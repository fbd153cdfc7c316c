import {
  Controller,
  Injectable,
  Post,
  UseGuards,
  UsePipes,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  type PipeTransform,
  Query,
} from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebhooksContext } from '../../../lib/context/webhooks-context.js';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import { Router } from '../../fixtures/network/router.entity.js';
import { startApplication } from '../../support/application.js';
import { describeOn, postgres } from '../../support/databases.js';
import { postgresQueue } from '../../support/queues.js';

@Injectable()
class WritingGuard implements CanActivate {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}
  async canActivate(context: ExecutionContext): Promise<boolean> {
    context.switchToHttp().getRequest<{ user?: object }>().user = { name: 'ada' };
    await this.dataSource.getRepository(Router).insert({ name: 'by the guard' });
    return true;
  }
}

@Injectable()
class WritingPipe implements PipeTransform {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}
  async transform(value: unknown): Promise<unknown> {
    await this.dataSource.getRepository(Router).insert({ name: 'by the pipe' });
    return value;
  }
}

@Controller()
class WritingController {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  @Post('write')
  @UseGuards(WritingGuard)
  @UsePipes(WritingPipe)
  async write(@Query('q') _: string): Promise<void> {
    await this.dataSource.getRepository(Router).insert({ name: 'by the handler' });
  }
}

const platforms = [
  { name: 'Express', adapter: () => new ExpressAdapter(), prefix: '' },
  { name: 'Express under a prefix', adapter: () => new ExpressAdapter(), prefix: 'api' },
  { name: 'Fastify', adapter: () => new FastifyAdapter(), prefix: '' },
  { name: 'Fastify under a prefix', adapter: () => new FastifyAdapter(), prefix: 'api' },
].map((platform) => ({ ...platform, available: postgres.available }));

describeOn(platforms, 'the context of a request on $name', ({ adapter, prefix }) => {
  let application: INestApplication;
  let dataSource: DataSource;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    const database = await postgres.create();
    drop = database.drop;
    application = await startApplication({
      database: database.options,
      queue: await postgresQueue.create(),
      adapter: adapter(),
      controllers: [WritingController],
      configure: (created) => created.setGlobalPrefix(prefix),
      webhooks: {
        worker: false,
        capture: { always: true },
        context: { username: (request) => request.user?.name },
      },
    });
    dataSource = application.get(DataSource);
    await application.listen(0, '127.0.0.1');
  });
  afterEach(async () => {
    await application.close();
    await drop();
  });

  const events = () =>
    dataSource
      .getRepository(WebhookEvent)
      .find({ order: { sequence: 'ASC' }, select: { username: true, requestId: true, data: true } });
  const write = (requestId: string) =>
    fetch(new URL(`${prefix}/write?q=1`, `${requestIdUrl}/`), {
      method: 'POST',
      headers: { 'x-request-id': requestId },
    });
  let requestIdUrl = '';

  it('is there for guards, pipes and handlers, and never for another request', async () => {
    requestIdUrl = await application.getUrl();
    const ids = ['first', 'second', 'third'];
    const answers = await Promise.all(ids.map((id) => write(id)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(answers.map(({ headers }) => headers.get('x-request-id'))).toEqual(ids);
    const written = (await events()).map(
      ({ username, requestId, data }) => `${requestId}: ${(JSON.parse(data) as Router).name}, ${username}`,
    );
    expect(written.toSorted()).toEqual(
      ids
        // Who it is, is known once the guards are done.
        .flatMap((id) => [
          `${id}: by the guard, null`,
          `${id}: by the handler, ada`,
          `${id}: by the pipe, ada`,
        ])
        .toSorted(),
    );
  });

  it('is null outside of requests, as given by run(), and silent when asked', async () => {
    const insert = (name: string) => dataSource.getRepository(Router).insert({ name });
    await insert('outside');
    await WebhooksContext.run({ username: 'cron', requestId: 'job-7' }, () => insert('in a job'));
    await WebhooksContext.run({ silent: true }, () => insert('in an import'));
    expect((await events()).map(({ username, requestId }) => [username, requestId])).toEqual([
      [null, null],
      ['cron', 'job-7'],
    ]);
  });
});
