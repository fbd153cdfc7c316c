import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Grouped } from '../common/grouped.js';
import type { HttpSender } from '../http/http-sender.js';
import type { Webhook } from '../model/webhook.entity.js';
import type { ResolvedWebhooksOptions } from '../options/resolve-options.js';
import type { SecretStore } from '../secrets/secret-store.js';
import { cancelDeliveries } from './cancel-deliveries.js';
import { definitionFailure, judgeResult, type AttemptResult } from './attempt-result.js';
import type { DeliveryWork } from './delivery-work.js';
import { loadDeliveries } from './load-deliveries.js';
import { lockDeliveries, type DeliveryToLock } from './lock-deliveries.js';
import { nextState } from './next-state.js';
import { prepareRequest, type PreparedRequest } from './prepare-request.js';
import { recordAttempts, type AttemptRecord } from './record-attempts.js';
import { signRequest } from './sign-request.js';

/** What sending deliveries needs. */
export interface DeliveryServiceParts {
  readonly dataSource: DataSource;
  readonly sender: HttpSender;
  readonly secrets: SecretStore;
  readonly options: Pick<ResolvedWebhooksOptions, 'delivery' | 'templates'>;
}

/** Deliveries one statement takes at most. */
const GROUP = 100;

/** Sends deliveries: load, render, lock, sign, send, record. */
export class DeliveryService {
  private readonly logger = new Logger(DeliveryService.name);
  private readonly loads: Grouped<string, DeliveryWork | undefined>;
  private readonly locks: Grouped<DeliveryToLock, string | null>;
  private readonly records: Grouped<AttemptRecord, undefined>;

  constructor(private readonly parts: DeliveryServiceParts) {
    const { dataSource } = parts;
    this.loads = new Grouped((ids) => loadDeliveries(dataSource, ids), GROUP);
    this.locks = new Grouped((deliveries) => lockDeliveries(dataSource, deliveries), GROUP);
    this.records = new Grouped(async (records) => {
      await recordAttempts(dataSource, records);
      return records.map(() => undefined);
    }, GROUP);
  }

  /**
   * Makes one attempt at a delivery. Does nothing when it is gone, done, not due, or with another worker: jobs may
   * come twice or late. Returns once the attempt is committed.
   */
  async deliver(deliveryId: string): Promise<void> {
    const work = await this.loads.add(deliveryId);
    if (work?.status !== 'pending') return;
    const { webhook } = work;
    if (webhook === null) {
      await cancelDeliveries(this.parts.dataSource.manager, { ids: [work.id] }, 'Its webhook was deleted.');
      return;
    }
    const prepared = this.prepare(work, webhook);
    const timeout = webhook.timeout ?? this.parts.options.delivery.timeout;
    const lockToken = await this.locks.add({
      id: work.id,
      // A body that could not be rendered is not fixed: a later attempt may do better.
      body: prepared instanceof Error ? null : prepared.body,
      fixed: !(prepared instanceof Error),
      timeout,
    });
    if (lockToken === null) return;
    const began = performance.now();
    const attempt =
      prepared instanceof Error
        ? { headers: {}, result: definitionFailure(prepared) }
        : await this.send(work, webhook, prepared, timeout);
    await this.records.add({
      deliveryId: work.id,
      lockToken,
      number: work.attempts + 1,
      trigger: work.attempts === 0 ? work.trigger : 'schedule',
      duration: Math.round(performance.now() - began),
      method: prepared instanceof Error ? webhook.method : prepared.method,
      url: prepared instanceof Error ? webhook.url : prepared.mask(prepared.url),
      requestHeaders: attempt.headers,
      ...withoutFailure(attempt.result),
      ...nextState(attempt.result.failure, work.attempts, this.policy(webhook), Math.random()),
    });
  }

  private prepare(work: DeliveryWork, webhook: Webhook): PreparedRequest | Error {
    try {
      return prepareRequest(work, webhook, this.parts.secrets, this.parts.options.templates);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private async send(
    work: DeliveryWork,
    webhook: Webhook,
    request: PreparedRequest,
    timeout: number,
  ): Promise<{ headers: Record<string, string>; result: AttemptResult }> {
    try {
      const headers = {
        ...request.headers,
        ...signRequest(work.id, webhook, request.body, this.parts.secrets),
      };
      const result = await this.parts.sender.send({
        url: request.url,
        method: request.method,
        headers,
        body: request.body,
        timeout,
        tls: {
          rejectUnauthorized: webhook.sslVerification,
          ...(webhook.caCertificate === null ? {} : { ca: webhook.caCertificate }),
        },
      });
      return { headers: request.maskHeaders(headers), result: judgeResult(result) };
    } catch (error) {
      // Neither signing nor sending throws for what a receiver does: this is a fault of the definition's secrets or ours.
      this.logger.error(`Delivery ${work.id} could not be sent: ${String(error)}`);
      return {
        headers: {},
        result: definitionFailure(error instanceof Error ? error : new Error(String(error))),
      };
    }
  }

  private policy(webhook: Webhook): { schedule: readonly number[]; jitter: number } {
    const { schedule, jitter } = this.parts.options.delivery;
    return { schedule: webhook.schedule ?? schedule, jitter };
  }
}

function withoutFailure({ failure: _, ...result }: AttemptResult): Omit<AttemptResult, 'failure'> {
  return result;
}
