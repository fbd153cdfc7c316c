import type { DataSource } from 'typeorm';
import { readBody } from '../../delivery/kept-body.js';
import { WebhookAttempt } from '../../model/webhook-attempt.entity.js';
import { WebhookDelivery } from '../../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../../model/webhook-event.entity.js';
import { Webhook } from '../../model/webhook.entity.js';
import { MASK } from '../../secrets/redact.js';
import type { SecretStore } from '../../secrets/secret-store.js';
import { NotFoundError } from '../../webhooks/not-found.error.js';
import type { DeliveryItem } from './list-deliveries.js';
import type { EventItem } from './list-events.js';
import { secretMask } from './secret-mask.js';

/** Attempts shown; the last ones. */
const ATTEMPTS = 100;

/** One delivery with everything that is known of it. Secret values are masked. */
export interface DeliveryView extends DeliveryItem {
  /** `null` when the webhook was deleted. */
  readonly webhook: Pick<Webhook, 'id' | 'name' | 'enabled' | 'pausedUntil' | 'schedule'> | null;
  /** Without its data; `null` when it is no longer kept. */
  readonly source: Omit<EventItem, 'sequence' | 'test'> | null;
  /** Whether `body` is fixed: what every attempt sends. */
  readonly rendered: boolean;
  readonly body: string | null;
  /** Whether a worker is sending it. */
  readonly isBeingSent: boolean;
  /** Oldest first. */
  readonly history: readonly Omit<WebhookAttempt, 'deliveryId'>[];
}

/** One delivery. @throws NotFoundError */
export async function readDelivery(
  dataSource: DataSource,
  secrets: SecretStore,
  id: string,
): Promise<DeliveryView> {
  const delivery = await dataSource.getRepository(WebhookDelivery).findOneBy({ id });
  if (delivery === null) throw new NotFoundError('delivery', id);
  const [webhook, source, attempts, mask] = await Promise.all([
    dataSource.getRepository(Webhook).findOne({
      where: { id: delivery.webhookId },
      select: { id: true, name: true, enabled: true, pausedUntil: true, schedule: true },
    }),
    dataSource.getRepository(WebhookEvent).findOne({
      where: { id: delivery.eventId },
      select: {
        id: true,
        model: true,
        event: true,
        objectId: true,
        occurredAt: true,
        username: true,
        requestId: true,
        changed: true,
        dispatchedAt: true,
      },
    }),
    dataSource.getRepository(WebhookAttempt).find({
      where: { deliveryId: id },
      order: { id: 'DESC' },
      take: ATTEMPTS,
    }),
    secretMask(dataSource, secrets, delivery.webhookId),
  ]);
  const { body: _body, lockToken, lockedUntil, queueAt: _queue, sequence: _sequence, ...shown } = delivery;
  return {
    ...shown,
    error: masked(delivery.error, mask),
    webhook,
    source,
    body: bodyOf(delivery, secrets, mask),
    isBeingSent: lockToken !== null && lockedUntil !== null,
    history: attempts.toReversed().map((attempt) => showAttempt(attempt, mask)),
  };
}

/** Where it cannot be decrypted, nothing is shown. */
function bodyOf(
  delivery: WebhookDelivery,
  secrets: SecretStore,
  mask: (text: string) => string,
): string | null {
  try {
    return masked(readBody(secrets, delivery, delivery.body), mask);
  } catch {
    return MASK;
  }
}

/** An attempt with secret values masked in everything that a template or a receiver wrote. */
export function showAttempt(
  { deliveryId: _, ...attempt }: WebhookAttempt,
  mask: (text: string) => string,
): Omit<WebhookAttempt, 'deliveryId'> {
  return {
    ...attempt,
    url: mask(attempt.url),
    requestHeaders: maskValues(attempt.requestHeaders, mask) ?? {},
    responseHeaders: maskValues(attempt.responseHeaders, mask),
    responseBody: masked(attempt.responseBody, mask),
    error: masked(attempt.error, mask),
  };
}

function masked(text: string | null, mask: (text: string) => string): string | null {
  return text === null ? null : mask(text);
}

function maskValues(
  headers: Record<string, string> | null,
  mask: (text: string) => string,
): Record<string, string> | null {
  if (headers === null) return null;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, mask(value)]));
}
