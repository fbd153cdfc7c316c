import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WebhooksNotices } from '../../lib/delivery/webhooks-notices.js';
import { WebhookAttempt } from '../../lib/model/webhook-attempt.entity.js';
import { WebhookDelivery } from '../../lib/model/webhook-delivery.entity.js';
import { DeliveriesService } from '../../lib/webhooks/deliveries.service.js';
import type { WebhookInput } from '../../lib/webhooks/webhook-input.js';
import { WebhooksService } from '../../lib/webhooks/webhooks.service.js';
import { startApplication, type ApplicationParts } from './application.js';
import type { TestDatabase } from './databases.js';
import type { TestQueue } from './queues.js';
import { startReceiver, type Receiver } from './receiver.js';
import { waitFor } from './wait-for.js';

type WebhooksOptions = NonNullable<ApplicationParts['webhooks']>;

/** An application that delivers, on stores of its own, with a receiver. */
export class DeliveryWorld {
  private readonly applications: INestApplication[] = [];
  private readonly drops: (() => Promise<void>)[] = [];
  private names = 0;

  private constructor(
    private readonly parts: ApplicationParts,
    readonly receiver: Receiver,
  ) {}

  static async start(
    database: TestDatabase,
    queue: TestQueue,
    webhooks: WebhooksOptions = {},
    more: Pick<ApplicationParts, 'imports' | 'controllers' | 'entities'> = {},
  ): Promise<DeliveryWorld> {
    const [db, store] = await Promise.all([database.create(), queue.create()]);
    const world = new DeliveryWorld(
      {
        ...more,
        database: db.options,
        queue: store,
        logger: [],
        webhooks: {
          ...webhooks,
          // What is committed without a change of an entity gives no signal: it is found by polling.
          dispatch: { pollInterval: 50, ...webhooks.dispatch },
          delivery: { network: { allow: ['127.0.0.0/8'] }, ...webhooks.delivery },
        },
      },
      await startReceiver(),
    );
    world.drops.push(store.drop, db.drop);
    await world.startWorker();
    return world;
  }

  get application(): INestApplication {
    const application = this.applications.at(-1);
    if (application === undefined) throw new Error('No application runs.');
    return application;
  }

  get dataSource(): DataSource {
    return this.application.get(DataSource);
  }

  get webhooks(): WebhooksService {
    return this.application.get(WebhooksService);
  }

  get deliveries(): DeliveriesService {
    return this.application.get(DeliveriesService);
  }

  get notices(): WebhooksNotices {
    return this.application.get(WebhooksNotices);
  }

  /** One more process, so to speak, on the same stores. */
  async startWorker(): Promise<INestApplication> {
    const application = await startApplication({
      ...this.parts,
      synchronize: this.applications.length === 0,
    });
    this.applications.push(application);
    return application;
  }

  /** Stops the newest and starts another. */
  async restart(): Promise<void> {
    await this.application.close();
    await this.startWorker();
    this.applications.splice(-2, 1);
  }

  /** A webhook that listens to routers. */
  async define(input: Partial<WebhookInput> = {}): Promise<string> {
    const { id } = await this.webhooks.create({
      name: `webhook ${this.names++}`,
      models: ['router'],
      events: ['create', 'update', 'delete'],
      url: this.receiver.url,
      ...input,
    });
    return id;
  }

  all(): Promise<WebhookDelivery[]> {
    return this.dataSource.getRepository(WebhookDelivery).find({ order: { sequence: 'ASC', id: 'ASC' } });
  }

  attempts(): Promise<WebhookAttempt[]> {
    return this.dataSource.getRepository(WebhookAttempt).find({ order: { id: 'ASC' } });
  }

  /** Waits until the deliveries have these states, in any order. */
  settle(...statuses: string[]): Promise<WebhookDelivery[]> {
    const wanted = statuses.toSorted().join();
    return waitFor(`deliveries to be ${wanted}`, async () => {
      const all = await this.all();
      const actual = all.map(({ status }) => status).toSorted();
      return actual.join() === wanted && all;
    });
  }

  async close(): Promise<void> {
    for (const application of this.applications.splice(0)) await application.close();
    await this.receiver.close();
    for (const drop of this.drops.splice(0)) await drop();
  }
}
