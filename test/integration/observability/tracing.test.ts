import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import { Router } from '../../fixtures/network/router.entity.js';
import { describeOn, postgres } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { postgresQueue } from '../../support/queues.js';

describeOn([postgres], 'traces on $name', (database) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(new BasicTracerProvider());
    world = await DeliveryWorld.start(database, postgresQueue);
  });
  afterEach(async () => {
    await world.close();
    trace.disable();
    context.disable();
  });

  it('the span of a change is kept with its event, and reaches the receiver with every attempt', async () => {
    world.receiver.answer = (_, response) => {
      response.statusCode = world.receiver.requests.length === 1 ? 500 : 200;
      response.end();
    };
    await world.define({ schedule: [0, 10] });
    const spanContext = await trace.getTracer('test').startActiveSpan('a request', async (span) => {
      await world.dataSource.getRepository(Router).save({ name: 'r1' });
      span.end();
      return span.spanContext();
    });
    const traceparent = `00-${spanContext.traceId}-${spanContext.spanId}-01`;
    const [event] = await world.dataSource.getRepository(WebhookEvent).find();
    expect(event?.traceparent).toBe(traceparent);
    await world.settle('succeeded');
    expect(world.receiver.requests.map(({ headers }) => headers['traceparent'])).toEqual([
      traceparent,
      traceparent,
    ]);
  });

  it('a change outside of any span has none', async () => {
    await world.define();
    await world.dataSource.getRepository(Router).save({ name: 'r1' });
    await world.settle('succeeded');
    expect(world.receiver.requests[0]?.headers).not.toHaveProperty('traceparent');
  });
});
