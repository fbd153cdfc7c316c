import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebhooksNotices } from '../../../lib/delivery/webhooks-notices.js';
import { EventRelay } from '../../../lib/dispatch/event.relay.js';
import { WebhooksHealthIndicator } from '../../../lib/observability/webhooks.health.js';
import { describeOn, postgres } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { postgresQueue } from '../../support/queues.js';
import { waitFor } from '../../support/wait-for.js';

@Injectable()
class WebhookAlerts {
  constructor(notices: WebhooksNotices, events: EventEmitter2) {
    for (const name of ['exhausted', 'paused', 'disabled', 'healed'] as const)
      notices.on(name, (notice) => void events.emit(`webhook.${name}`, { ...notice, name }));
  }
}
@Injectable()
class Listener {
  readonly heard: string[] = [];

  @OnEvent('webhook.*')
  hear({ name, webhookId }: { name: string; webhookId: string }): void {
    this.heard.push(`${name} ${webhookId}`);
  }
}
@Module({ imports: [EventEmitterModule.forRoot({ wildcard: true })], providers: [WebhookAlerts, Listener] })
class AlertsModule {}

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly webhooks: WebhooksHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([() => this.webhooks.isHealthy('webhooks')]);
  }
}

describeOn([postgres], 'beside other packages of Nest, on $name', (database) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(
      database,
      postgresQueue,
      { delivery: { health: { pauseAfter: 2, pause: 100, maxPause: 100 } } },
      { imports: [AlertsModule, TerminusModule], controllers: [HealthController] },
    );
  });
  afterEach(() => world.close());

  it('notices become events of @nestjs/event-emitter', async () => {
    let status = 500;
    world.receiver.answer = ({ path }, response) => {
      response.statusCode = path === '/gone' ? 410 : status;
      response.end();
    };
    const listener = world.application.get(Listener);
    const gone = await world.define({ url: `${world.receiver.url}gone` });
    const failing = await world.define({ schedule: [0, 10] });
    await commitEvents(world.dataSource, 1);
    const heard = (what: string) => waitFor(what, () => listener.heard.includes(what));
    await heard(`disabled ${gone}`);
    await heard(`exhausted ${failing}`);
    await heard(`paused ${failing}`);
    status = 200;
    await commitEvents(world.dataSource, 1);
    await heard(`healed ${failing}`);
    expect(new Set(listener.heard)).toEqual(
      new Set([`disabled ${gone}`, ...['exhausted', 'paused', 'healed'].map((name) => `${name} ${failing}`)]),
    );
  });

  it('the health indicator answers through @nestjs/terminus', async () => {
    await world.application.listen(0, '127.0.0.1');
    const url = `${await world.application.getUrl()}/health`;
    const well = await fetch(url);
    expect(well.status).toBe(200);
    expect(await well.json()).toMatchObject({
      status: 'ok',
      info: { webhooks: { status: 'up', dueDeliveries: 0 } },
    });
    await world.application.get(EventRelay).stop();
    await commitEvents(world.dataSource, 1);
    await world.dataSource.query('UPDATE webhook_event SET occurred_at = occurred_at - 120000');
    const ill = await fetch(url);
    expect(ill.status).toBe(503);
    expect(await ill.json()).toMatchObject({
      status: 'error',
      error: { webhooks: { status: 'down', message: expect.stringContaining('Is a worker running?') } },
    });
  });
});
