import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { cancelDeliveries, CANCELLABLE } from '../delivery/cancel-deliveries.js';
import { DeliveryFeeder } from '../delivery/delivery.feeder.js';
import { DeliveryService } from '../delivery/delivery.service.js';
import { endRests } from '../delivery/endpoint-store.js';
import { reopenDeliveries, RETRYABLE } from '../delivery/reopen-deliveries.js';
import type { WebhookAttempt } from '../model/webhook-attempt.entity.js';
import { OF_TESTS, WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import { Webhook } from '../model/webhook.entity.js';
import { WEBHOOKS_DATA_SOURCE } from '../options/tokens.js';
import type {
  BulkOptions,
  BulkResult,
  DeliveryFilter,
  ReplayOptions,
  ReplayResult,
} from './delivery-filter.js';
import { checkFilter } from './check-filter.js';
import { DeliveryImpossibleError } from './delivery-impossible.error.js';
import { selectDeliveries, statusesOf } from './delivery-selection.js';
import { sendAndShow, type TestSubject } from './delivery-test-send.js';
import { NotFoundError } from './not-found.error.js';
import { replayEvents, resendDelivery } from './replay-events.js';

/** Deliveries of one statement. */
const BATCH = 500;

/** Work by hand on deliveries. */
@Injectable()
export class DeliveriesService {
  constructor(
    @Inject(WEBHOOKS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly feeder: DeliveryFeeder,
    private readonly sender: DeliveryService,
  ) {}

  /**
   * Sends a delivery now, with the same id and body. If that fails the schedule goes on; of a finished delivery it
   * starts again. It goes also while the endpoint rests, and heals it if it succeeds. Can be repeated. A delivery that
   * is being sent right now is left alone.
   *
   * @throws NotFoundError
   * @throws DeliveryImpossibleError when its webhook is deleted or disabled, or its event is no longer kept
   */
  async retry(id: string): Promise<void> {
    const delivery = await this.find(id);
    const webhook = await this.webhookOf(delivery);
    if (!webhook.enabled) {
      throw new DeliveryImpossibleError(
        `Delivery ${id} cannot be retried: its webhook "${webhook.name}" is disabled. Enable the webhook first.`,
      );
    }
    await this.requireEvent(delivery);
    await reopenDeliveries(this.dataSource.manager, [id], { queued: true });
    // Not left to the feeder, which takes nothing of an endpoint that rests.
    await this.feeder.addThroughRest({ id, webhookId: webhook.id });
  }

  /**
   * Retries many, as {@link retry} does: those selected that are failed, cancelled, skipped or pending unless the
   * filter names a status. Those of deleted or disabled webhooks are left out. The rest of an endpoint ends: one
   * delivery goes at once as the probe, and the others follow when it succeeds. Test sends and pings are not sent again.
   *
   * @throws FilterInvalidError
   */
  async retryMany(filter: DeliveryFilter, options: BulkOptions = {}): Promise<BulkResult> {
    checkFilter(filter);
    const statuses = statusesOf(filter.status) ?? RETRYABLE;
    const selected = { ...filter, status: statuses };
    // Once: a later batch would cut the turn of the probe short.
    if (options.dryRun !== true) await this.endRestsOf(selected);
    return this.each(selected, options, true, async (ids) => {
      const count = await reopenDeliveries(this.dataSource.manager, ids, { statuses });
      this.feeder.wake();
      return count;
    });
  }

  /**
   * Makes new deliveries to one webhook of the selected events that it listens to and whose conditions hold, as it is
   * defined now. They are held if it is disabled.
   *
   * @param filter - selects events; `webhookId` and `status` those that have such a delivery
   * @throws NotFoundError, FilterInvalidError
   */
  async replay(
    filter: DeliveryFilter,
    webhookId: string,
    options: ReplayOptions = {},
  ): Promise<ReplayResult> {
    checkFilter(filter);
    const webhook = await this.findWebhook(webhookId);
    const result = await replayEvents(this.dataSource, filter, webhook, options);
    if (options.dryRun !== true) this.feeder.wake();
    return result;
  }

  /**
   * Sends the event of a delivery again as its webhook is defined now: a new delivery, with an id and a body of its own.
   *
   * @returns the id of the new delivery
   * @throws NotFoundError
   * @throws DeliveryImpossibleError when its webhook is deleted or its event is no longer kept
   */
  async resend(id: string): Promise<{ id: string }> {
    const delivery = await this.find(id);
    const [webhook, event] = [await this.webhookOf(delivery), await this.requireEvent(delivery)];
    const created = await resendDelivery(this.dataSource, event, webhook);
    this.feeder.wake();
    return { id: created };
  }

  /** Cancels a delivery that is pending or held; one that is finished stays as it is. @throws NotFoundError */
  async cancel(id: string): Promise<BulkResult> {
    await this.find(id);
    return { count: await cancelDeliveries(this.dataSource.manager, [id], 'Cancelled by hand.') };
  }

  /** Cancels many: those selected that are pending or held; what is finished stays as it is. @throws FilterInvalidError */
  async cancelMany(filter: DeliveryFilter, options: BulkOptions = {}): Promise<BulkResult> {
    checkFilter(filter);
    const named = statusesOf(filter.status);
    const status = CANCELLABLE.filter((one) => named === undefined || named.includes(one));
    return this.each({ ...filter, status }, options, false, (ids) =>
      cancelDeliveries(this.dataSource.manager, ids, 'Cancelled by hand.'),
    );
  }

  /**
   * Sends one request of the webhook as it is defined now, at once and once only, whether or not it is enabled. It is
   * recorded as a delivery with the trigger `test`, and does not count against the endpoint.
   *
   * @param subject - what the templates see; by default the latest event of the webhook's models, or a made-up one
   * @returns the attempt; its delivery's id is in it
   * @throws NotFoundError
   */
  async sendTest(webhookId: string, subject?: Partial<TestSubject>): Promise<WebhookAttempt> {
    return sendAndShow(this.dataSource, this.sender, await this.findWebhook(webhookId), 'test', subject);
  }

  /** As {@link sendTest}, with the fixed body `{"event":"ping",…}` whatever the webhook's template. @throws NotFoundError */
  async ping(webhookId: string): Promise<WebhookAttempt> {
    return sendAndShow(this.dataSource, this.sender, await this.findWebhook(webhookId), 'ping');
  }

  private async each(
    filter: DeliveryFilter,
    { dryRun = false }: BulkOptions,
    again: boolean,
    act: (ids: readonly string[]) => Promise<number>,
  ): Promise<BulkResult> {
    const select = () => {
      const query = selectDeliveries(this.dataSource.manager, filter);
      if (again) {
        query.innerJoin(Webhook, 'w', 'w.id = d.webhookId AND w.enabled = :enabled', { enabled: true });
        query.innerJoin(WebhookEvent, 'kept', 'kept.id = d.eventId');
        query.andWhere(`d.trigger NOT ${OF_TESTS}`);
      }
      return query;
    };
    if (dryRun) return { count: await select().getCount() };
    let count = 0;
    let last: string | undefined;
    // By id, and only up to now: what the action changes may fall out of the filter, and new ones come behind.
    for (;;) {
      const query = select().select('d.id', 'id').limit(BATCH);
      if (last !== undefined) query.andWhere('d.id > :last', { last });
      const ids = (await query.getRawMany<{ id: string }>()).map(({ id }) => id);
      if (ids.length > 0) count += await act(ids);
      last = ids.at(-1);
      if (ids.length < BATCH) return { count };
    }
  }

  private async endRestsOf(filter: DeliveryFilter): Promise<void> {
    const webhooks = await selectDeliveries(this.dataSource.manager, filter)
      .select('d.webhookId', 'id')
      .distinct()
      .orderBy()
      .getRawMany<{ id: string }>();
    await endRests(
      this.dataSource.manager,
      webhooks.map(({ id }) => id),
    );
  }

  private async find(id: string): Promise<WebhookDelivery> {
    const delivery = await this.dataSource.getRepository(WebhookDelivery).findOneBy({ id });
    if (delivery === null) throw new NotFoundError('delivery', id);
    return delivery;
  }

  private async findWebhook(id: string): Promise<Webhook> {
    const webhook = await this.dataSource.getRepository(Webhook).findOneBy({ id });
    if (webhook === null) throw new NotFoundError('webhook', id);
    return webhook;
  }

  private async webhookOf({ id, webhookId }: WebhookDelivery): Promise<Webhook> {
    const webhook = await this.dataSource.getRepository(Webhook).findOneBy({ id: webhookId });
    if (webhook !== null) return webhook;
    throw new DeliveryImpossibleError(
      `Delivery ${id} cannot be sent: its webhook was deleted. Replay its event to another webhook.`,
    );
  }

  private async requireEvent({ id, eventId }: WebhookDelivery): Promise<WebhookEvent> {
    const event = await this.dataSource.getRepository(WebhookEvent).findOneBy({ id: eventId });
    if (event !== null) return event;
    throw new DeliveryImpossibleError(
      `Delivery ${id} cannot be sent: its event is no longer kept. Raise retention.events to keep events longer.`,
    );
  }
}
