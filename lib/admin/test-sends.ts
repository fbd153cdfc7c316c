import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { WebhookAttempt } from '../model/webhook-attempt.entity.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import { WEBHOOKS_DATA_SOURCE } from '../options/tokens.js';
import { SecretStore } from '../secrets/secret-store.js';
import { DeliveriesService } from '../webhooks/deliveries.service.js';
import { subjectFrom } from '../webhooks/delivery-test-send.js';
import { NotFoundError } from '../webhooks/not-found.error.js';
import { showAttempt } from './queries/read-delivery.js';
import { secretMask } from './queries/secret-mask.js';

/** Sends tests, and shows what came back without secret values. */
@Injectable()
export class TestSends {
  constructor(
    @Inject(WEBHOOKS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly deliveries: DeliveriesService,
    private readonly secrets: SecretStore,
  ) {}

  /** Sends as for an event, by default the latest one that the webhook listens to. @throws NotFoundError */
  async send(webhookId: string, eventId?: string): Promise<WebhookAttempt> {
    if (eventId === undefined) return this.masked(webhookId, await this.deliveries.sendTest(webhookId));
    const event = await this.dataSource.getRepository(WebhookEvent).findOneBy({ id: eventId });
    if (event === null) throw new NotFoundError('event', eventId);
    const attempt = await this.deliveries.sendTest(webhookId, subjectFrom(event));
    return this.masked(webhookId, attempt);
  }

  /** @throws NotFoundError */
  async ping(webhookId: string): Promise<WebhookAttempt> {
    return this.masked(webhookId, await this.deliveries.ping(webhookId));
  }

  private async masked(webhookId: string, attempt: WebhookAttempt): Promise<WebhookAttempt> {
    const mask = await secretMask(this.dataSource, this.secrets, webhookId);
    return { ...showAttempt(attempt, mask), deliveryId: attempt.deliveryId };
  }
}
