import { Inject, Injectable } from '@nestjs/common';
import { In, type DataSource } from 'typeorm';
import { Webhook } from '../model/webhook.entity.js';
import { WEBHOOKS_DATA_SOURCE } from '../options/tokens.js';
import { WebhookRegistry } from '../registry/webhook-registry.js';
import { SecretStore } from '../secrets/secret-store.js';
import type { DeliveryFilter } from '../webhooks/delivery-filter.js';
import { NotFoundError } from '../webhooks/not-found.error.js';
import { PreviewService } from '../webhooks/preview.service.js';
import { describeModels, type ModelView } from './queries/describe-models.js';
import { listDeliveries, type DeliveryItem } from './queries/list-deliveries.js';
import { listEvents, type EventFilter, type EventItem } from './queries/list-events.js';
import { listVariables, type TemplateVariable } from './queries/list-variables.js';
import type { PageOf, PageRequest } from './queries/page-of.js';
import { readDelivery, type DeliveryView } from './queries/read-delivery.js';
import { readEvent, type EventView } from './queries/read-event.js';
import { readHealth, type WebhookHealth } from './queries/read-health.js';
import { readLatency, type LatencyPoint } from './queries/read-latency.js';
import { readQueue, type QueueState } from './queries/read-queue.js';

/** A delivery in a list, with the name of its webhook. */
export interface NamedDelivery extends DeliveryItem {
  /** `null` when the webhook was deleted. */
  readonly webhookName: string | null;
}

/** Everything the admin routes read. */
@Injectable()
export class AdminReads {
  constructor(
    @Inject(WEBHOOKS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly secrets: SecretStore,
    private readonly previews: PreviewService,
    private readonly registry: WebhookRegistry,
  ) {}

  /** Deliveries, newest first. */
  async deliveries(filter: DeliveryFilter, page: PageRequest): Promise<PageOf<NamedDelivery>> {
    const found = await listDeliveries(this.dataSource, filter, page);
    const names = await this.webhookNames(found.items.map(({ webhookId }) => webhookId));
    return {
      ...found,
      items: found.items.map((item) => ({ ...item, webhookName: names.get(item.webhookId) ?? null })),
    };
  }

  /** @throws NotFoundError */
  delivery(id: string): Promise<DeliveryView> {
    return readDelivery(this.dataSource, this.secrets, id);
  }

  /** Events, newest first. */
  events(filter: EventFilter, page: PageRequest): Promise<PageOf<EventItem>> {
    return listEvents(this.dataSource, filter, page);
  }

  /** @throws NotFoundError */
  event(id: string): Promise<EventView> {
    return readEvent(this.dataSource, () => this.registry.current(), id);
  }

  /** The last 24 hours of one webhook. */
  health(webhookId: string): Promise<WebhookHealth> {
    return readHealth(this.dataSource, webhookId);
  }

  /** The last attempts of one webhook, oldest first. */
  latency(webhookId: string): Promise<LatencyPoint[]> {
    return readLatency(this.dataSource, webhookId);
  }

  queue(): Promise<QueueState> {
    return readQueue(this.dataSource);
  }

  models(): ModelView[] {
    return describeModels(this.dataSource);
  }

  /** A model, with what templates can use of it. @throws NotFoundError */
  async model(name: string): Promise<ModelView & { variables: TemplateVariable[] }> {
    const model = this.models().find((one) => one.model === name);
    if (model === undefined) throw new NotFoundError('model', name);
    const subject = await this.previews.subject({ model: name });
    return { ...model, variables: subject === null ? [] : listVariables(subject) };
  }

  private async webhookNames(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const webhooks = await this.dataSource
      .getRepository(Webhook)
      .find({ where: { id: In([...new Set(ids)]) }, select: { id: true, name: true } });
    return new Map(webhooks.map(({ id, name }) => [id, name]));
  }
}
