import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DeliveryTrigger } from '../model/webhook-delivery.entity.js';
import type { Webhook } from '../model/webhook.entity.js';
import type { ResolvedWebhooksOptions } from '../options/resolve-options.js';
import type { AttemptResult } from './attempt-result.js';
import { isTest, type DeliveryWork } from './delivery-work.js';
import type { EndpointMonitor } from './endpoint.monitor.js';
import { nextState, type NextState } from './next-state.js';
import type { PreparedRequest } from './prepare-request.js';
import type { RecordedExchange } from './record-attempts.js';
import { RecordStore } from './record-store.js';
import type { WebhooksNotices } from './webhooks-notices.js';

/** What was sent, and what came of it. */
export interface SentAttempt {
  /** Secret values are masked. */
  readonly headers: Readonly<Record<string, string>>;
  readonly result: AttemptResult;
  /** Milliseconds. */
  readonly duration: number;
}

/** An attempt to be recorded. */
export interface AttemptToRecord {
  readonly work: DeliveryWork;
  readonly webhook: Webhook;
  readonly prepared: PreparedRequest | Error;
  readonly trigger: DeliveryTrigger;
  readonly sent: SentAttempt;
}

/** Records attempts, decides what follows, and tells who wants to know. */
export class AttemptRecorder {
  private readonly logger = new Logger('Webhooks');
  private readonly store: RecordStore;

  constructor(
    dataSource: DataSource,
    private readonly monitor: EndpointMonitor,
    private readonly notices: WebhooksNotices,
    private readonly options: ResolvedWebhooksOptions['delivery'],
  ) {
    this.store = new RecordStore(dataSource);
  }

  /** Resolves when the attempt is committed and its endpoint judged. */
  async record(attempt: AttemptToRecord): Promise<void> {
    const { work, webhook, prepared, trigger } = attempt;
    const { result } = attempt.sent;
    const next = this.next(work, webhook, result);
    // Before it is recorded as held: what is held is only released when a disabled webhook is enabled.
    if (result.endpoint === 'gone' && !isTest(work)) await this.monitor.gone(webhook);
    const exchange = shown(attempt);
    await this.store.add({
      deliveryId: work.id,
      lockToken: work.lock.token,
      number: work.made + 1,
      trigger,
      duration: attempt.sent.duration,
      exchange,
      defaultBody: work.hasDefaultBody && !(prepared instanceof Error) ? prepared.body : null,
      next,
    });
    this.tell(attempt, next, exchange.error);
    if (isTest(work) && result.failure !== null) return;
    const { failing } = work.endpoint;
    await this.monitor.note({ webhook, result, probe: trigger === 'probe', failing });
  }

  /** The process is stopping: what the database does not take now is left. */
  stop(): void {
    this.store.stop();
  }

  private next(work: DeliveryWork, webhook: Webhook, result: AttemptResult): NextState {
    const { schedule, jitter } = this.options;
    const policy = { schedule: isTest(work) ? [0] : (webhook.schedule ?? schedule), jitter };
    const next = nextState(result, work, policy, Math.random());
    if (isTest(work) && next.status === 'pending') return { ...next, status: 'failed', nextDelay: null };
    // Enabling the webhook again sends it again.
    if (result.endpoint === 'gone' && next.status === 'pending')
      return { ...next, status: 'held', nextDelay: null };
    return next;
  }

  private tell(
    { work, webhook, trigger, sent }: AttemptToRecord,
    { status }: NextState,
    error: string | null,
  ): void {
    const { statusCode, errorClass } = sent.result;
    const [deliveryId, webhookId] = [work.id, webhook.id];
    this.notices.tell('attempt', {
      deliveryId,
      webhookId,
      trigger,
      status,
      statusCode,
      errorClass,
      duration: sent.duration,
    });
    if (status !== 'failed' || isTest(work)) return;
    this.logger.warn(`Delivery ${work.id} of webhook "${webhook.name}" failed for good.`);
    const attempts = work.made + 1;
    const { name } = webhook;
    this.notices.tell('exhausted', { deliveryId, webhookId, name, attempts, statusCode, error });
  }
}

/** What is recorded of request and answer: secret values are masked, also where the receiver sends them back. */
function shown({ webhook, prepared, sent }: AttemptToRecord): RecordedExchange {
  const { result } = sent;
  const request = prepared instanceof Error ? null : prepared;
  const mask = (text: string | null) => (text === null || request === null ? text : request.mask(text));
  return {
    method: request?.method ?? webhook.method,
    // As a template it holds the names of secrets, not their values.
    url: request === null ? webhook.url : request.mask(request.url),
    requestHeaders: sent.headers,
    remoteAddress: result.remoteAddress,
    statusCode: result.statusCode,
    responseHeaders:
      result.responseHeaders === null || request === null
        ? null
        : request.maskHeaders(result.responseHeaders),
    responseBody: mask(result.responseBody),
    errorClass: result.errorClass,
    error: mask(result.error),
    timings: result.timings,
  };
}
