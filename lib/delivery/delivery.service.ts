import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Grouped } from '../common/grouped.js';
import type { HttpSender } from '../http/http-sender.js';
import type { DeliveryTrigger } from '../model/webhook-delivery.entity.js';
import type { Webhook } from '../model/webhook.entity.js';
import type { ResolvedWebhooksOptions } from '../options/resolve-options.js';
import type { SecretStore } from '../secrets/secret-store.js';
import { judgeResult, requestFailure } from './attempt-result.js';
import { AttemptRecorder, type SentAttempt } from './attempt.recorder.js';
import { cancelDeliveries } from './cancel-deliveries.js';
import { claimDeliveries, LOCK_MARGIN, type WebhookCache } from './claim-deliveries.js';
import { isTest, type DeliveryWork } from './delivery-work.js';
import { EndpointMonitor } from './endpoint.monitor.js';
import { claimProbe } from './endpoint-store.js';
import { firstOfObject } from './first-of-object.js';
import { fixBodies, type BodyToFix } from './fix-bodies.js';
import { giveBackDeliveries, type DeliveryToGiveBack } from './give-back-deliveries.js';
import { holdDeliveries } from './hold-deliveries.js';
import { nextOfObject } from './next-of-object.js';
import { prepareRequest, type PreparedRequest } from './prepare-request.js';
import { RateGate } from './rate-gate.js';
import { recheckDeliveries, type RecheckedEndpoint } from './recheck-deliveries.js';
import type { Release } from './release.js';
import { signRequest } from './sign-request.js';
import type { WebhooksNotices } from './webhooks-notices.js';

/** What sending deliveries needs. */
export interface DeliveryServiceParts {
  readonly dataSource: DataSource;
  readonly sender: HttpSender;
  readonly secrets: SecretStore;
  readonly notices: WebhooksNotices;
  readonly queue: { isPaused(): Promise<boolean | undefined> };
  readonly options: Pick<ResolvedWebhooksOptions, 'delivery' | 'templates'>;
}

/** The places among which deliveries are sent; see `DeliveryLanes`. */
export interface SendingPlaces {
  /** Whether nothing more is to be sent, because the process stops. */
  readonly isStopped: boolean;
  enterLane(webhookId: string, id: string): Promise<Release>;
  enterAll(webhookId: string): Promise<Release>;
  adapt(webhookId: string, overloaded: boolean): void;
  add(webhookId: string, ids: readonly string[]): Promise<void>;
}

/** Deliveries one statement takes at most. */
const GROUP = 100;
/** Milliseconds after which a delivery that waits for another one of its object looks again, should nobody call it. */
const ORDER_DELAY = 5_000;
/** Milliseconds after which a delivery that waited for its turn is looked at again before it is sent. */
const RECHECK_AFTER = 500;

/** Sends deliveries: lock and read, render, sign, send, record. */
export class DeliveryService {
  private readonly logger = new Logger(DeliveryService.name);
  private readonly webhooks: WebhookCache = new Map();
  private readonly claims: Grouped<string, DeliveryWork | null>;
  private readonly bodies: Grouped<BodyToFix, boolean>;
  private readonly firsts: Grouped<string, boolean>;
  private readonly holds: Grouped<string, undefined>;
  private readonly returns: Grouped<DeliveryToGiveBack, undefined>;
  private readonly rechecks: Grouped<DeliveryWork, RecheckedEndpoint | null>;
  private readonly recorder: AttemptRecorder;
  private readonly rates: RateGate;
  private readonly monitor: EndpointMonitor;

  constructor(private readonly parts: DeliveryServiceParts) {
    const { dataSource, notices, options } = parts;
    const { timeout } = options.delivery;
    this.claims = new Grouped((ids) => claimDeliveries(dataSource, this.webhooks, ids, timeout), GROUP);
    this.bodies = new Grouped((bodies) => fixBodies(dataSource, bodies), GROUP, {
      weigh: ({ body }) => body?.length ?? 0,
      apart: true,
    });
    this.firsts = new Grouped((ids) => firstOfObject(dataSource, ids), GROUP);
    this.holds = new Grouped(async (webhookIds) => {
      for (const id of new Set(webhookIds)) await holdDeliveries(dataSource, id);
      return webhookIds.map(() => undefined);
    }, GROUP);
    this.returns = new Grouped(async (deliveries) => {
      await giveBackDeliveries(dataSource, deliveries);
      return deliveries.map(() => undefined);
    }, GROUP);
    this.rechecks = new Grouped((works) => recheckDeliveries(dataSource, works), GROUP);
    this.rates = new RateGate(dataSource);
    this.monitor = new EndpointMonitor(dataSource, notices, options.delivery.health);
    this.recorder = new AttemptRecorder(dataSource, this.monitor, notices, options.delivery);
  }

  /**
   * Makes one attempt at a delivery. Does nothing when it is gone, done, not due, or with another worker: jobs may
   * come twice or late. Returns once the attempt is committed.
   *
   * @param places - left out, it is sent beside all others
   * @param throughRest - whether it goes although the endpoint rests
   */
  async deliver(deliveryId: string, places?: SendingPlaces, throughRest = false): Promise<void> {
    const work = await this.claims.add(deliveryId);
    if (work === null) return;
    const { webhook } = work;
    if (webhook === null || work.event === null) return this.cancel(work);
    const inOrder = webhook.ordered && work.endpoint.enabled && !isTest(work);
    if (inOrder && !(await this.firsts.add(deliveryId))) {
      await this.release(work, ORDER_DELAY);
      // The one before it may have ended meanwhile, and have found this one locked.
      return (await this.firsts.add(deliveryId)) ? this.deliver(deliveryId, places, throughRest) : undefined;
    }
    const trigger = await this.admit(work, webhook, throughRest);
    if (trigger === null) return;
    const prepared = await this.prepare(work, webhook);
    // A body that could not be rendered is not fixed: a later attempt may do better.
    if (!(prepared instanceof Error) && !(await this.fixBody(work, prepared.keptBody))) return;
    const sent =
      prepared instanceof Error
        ? this.unsent(work, prepared, 0)
        : await this.sendInTurn(work, webhook, prepared, places, throughRest || trigger === 'probe');
    if (sent === null) return;
    if (typeof sent === 'number') return this.release(work, sent);
    await this.recorder.record({ work, webhook, prepared, trigger, sent });
    if (webhook.ordered) await this.callNext(work, places);
  }

  /** Leaves deliveries to whoever takes them next. */
  async giveBack(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.returns.add({ id, delay: 0, lockToken: null })));
  }

  /** The process is stopping: what the database does not take now is left. */
  stop(): void {
    this.recorder.stop();
  }

  /** What makes the attempt; `null` when there is none now. */
  private async admit(
    work: DeliveryWork,
    webhook: Webhook,
    throughRest: boolean,
  ): Promise<DeliveryTrigger | null> {
    const { endpoint, made, trigger, nextTrigger } = work;
    if (isTest(work)) return trigger;
    if (!endpoint.enabled) {
      await this.release(work);
      await this.holds.add(webhook.id);
      return null;
    }
    const lease = (webhook.timeout ?? this.parts.options.delivery.timeout) + LOCK_MARGIN;
    if (endpoint.probing && (await claimProbe(this.parts.dataSource, webhook.id, lease))) return 'probe';
    if ((endpoint.probing || endpoint.resting) && !throughRest) {
      await this.release(work);
      return null;
    }
    return nextTrigger ?? (made === 0 ? trigger : 'schedule');
  }

  private async prepare(work: DeliveryWork, webhook: Webhook): Promise<PreparedRequest | Error> {
    const { secrets, options } = this.parts;
    try {
      return await prepareRequest(work, webhook, secrets, options.templates);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Nothing of a delivery is sent before its body is fixed. Gives `false` when its lock was lost. */
  private async fixBody(
    { id, lock, rendered, hasDefaultBody }: DeliveryWork,
    body: string | null,
  ): Promise<boolean> {
    if (rendered || hasDefaultBody) return true;
    return this.bodies.add({ id, body, lockToken: lock.token });
  }

  /** Leaves a delivery that is locked here to whoever takes it next, after so many milliseconds. */
  private async release({ id, lock }: DeliveryWork, delay = 0): Promise<void> {
    await this.returns.add({ id, delay, lockToken: lock.token });
  }

  /**
   * Gives the milliseconds after which it is to come back when it cannot be sent now, and `null` when it was to be left
   * while it waited.
   */
  private async sendInTurn(
    work: DeliveryWork,
    webhook: Webhook,
    request: PreparedRequest,
    places: SendingPlaces | undefined,
    throughRest: boolean,
  ): Promise<SentAttempt | number | null> {
    if (places === undefined) return this.send(work, webhook, request);
    const leaveLane = await places.enterLane(webhook.id, work.id);
    try {
      if (places.isStopped) return 0;
      const isWanted = () => this.isStillWanted(work, webhook, places, throughRest);
      const leaveAll = await this.rates.pass(webhook, () => enterIf(places, webhook.id, isWanted));
      if (leaveAll === null || typeof leaveAll === 'number') return leaveAll;
      try {
        // The lock must outlast the attempt.
        if (performance.now() - work.lock.taken > LOCK_MARGIN / 2) return 0;
        const sent = await this.send(work, webhook, request);
        const { endpoint, failure } = sent.result;
        if (endpoint === 'overloaded' || failure === null)
          places.adapt(webhook.id, endpoint === 'overloaded');
        return sent;
      } finally {
        leaveAll();
      }
    } finally {
      leaveLane();
    }
  }

  /** Whether a delivery whose turn has come is still to be sent; if not, it is left. */
  private async isStillWanted(
    work: DeliveryWork,
    webhook: Webhook,
    places: SendingPlaces,
    throughRest: boolean,
  ): Promise<boolean> {
    if (places.isStopped) {
      await this.release(work);
      return false;
    }
    const waited = performance.now() - work.lock.taken;
    if (waited <= RECHECK_AFTER && !this.monitor.hasStopped(webhook.id)) return true;
    const endpoint = await this.rechecks.add(work);
    if (endpoint === null) return false;
    const now = { ...work, endpoint: { ...work.endpoint, ...endpoint, probing: false } };
    return (await this.admit(now, webhook, throughRest)) !== null;
  }

  private async send(work: DeliveryWork, webhook: Webhook, request: PreparedRequest): Promise<SentAttempt> {
    const { lock } = work;
    const began = performance.now();
    const duration = () => Math.round(performance.now() - began);
    try {
      const headers = {
        ...request.headers,
        ...signRequest(work.id, lock.at + (began - lock.taken), webhook, request.body, this.parts.secrets),
      };
      const result = await this.parts.sender.send({
        url: request.url,
        method: request.method,
        headers,
        body: request.body,
        timeout: webhook.timeout ?? this.parts.options.delivery.timeout,
        tls: {
          rejectUnauthorized: webhook.sslVerification,
          ...(webhook.caCertificate === null ? {} : { ca: webhook.caCertificate }),
        },
      });
      return {
        headers: request.maskHeaders(headers),
        result: this.monitor.attribute(webhook.id, request.url, judgeResult(result)),
        duration: duration(),
      };
    } catch (error) {
      // Neither signing nor sending throws for what a receiver does.
      return this.unsent(work, error, duration());
    }
  }

  private unsent(work: DeliveryWork, error: unknown, duration: number): SentAttempt {
    const result = requestFailure(error);
    if (result.failure === 'ours')
      this.logger.error(`Delivery ${work.id} could not be sent: ${String(error)}`);
    return { headers: {}, result, duration };
  }

  /** The next delivery of the object need not wait to be found. */
  private async callNext(work: DeliveryWork, places: SendingPlaces | undefined): Promise<void> {
    const following = await nextOfObject(this.parts.dataSource, work);
    if (following === undefined || following === work.id || places === undefined) return;
    // It goes past the queue, which may be paused: then the feeder puts it there.
    if ((await this.parts.queue.isPaused()) !== true) void places.add(work.webhookId, [following]);
  }

  private async cancel(work: DeliveryWork): Promise<void> {
    const reason = work.webhook === null ? 'Its webhook was deleted.' : 'Its event is no longer kept.';
    await cancelDeliveries(this.parts.dataSource.manager, [work.id], reason);
  }
}

/** Waits for a place among all requests, and leaves it when the request is not wanted any more. */
async function enterIf(
  places: SendingPlaces,
  webhookId: string,
  isWanted: () => Promise<boolean>,
): Promise<Release | null> {
  const leave = await places.enterAll(webhookId);
  try {
    if (await isWanted()) return leave;
  } catch (error) {
    leave();
    throw error;
  }
  leave();
  return null;
}
