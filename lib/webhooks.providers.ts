import { getQueueToken, getSharedConfigToken } from '@nestjs/bullmq';
import type { Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { Queue, QueueOptions } from 'bullmq';
import type { DataSource } from 'typeorm';
import { adminProviders } from './admin/admin-providers.js';
import { ChangeCapture } from './capture/change-capture.js';
import { ObjectReader } from './capture/object-reader.js';
import { ContextInterceptor } from './context/context.interceptor.js';
import { DeliveryFeeder } from './delivery/delivery.feeder.js';
import { DeliveryLanes } from './delivery/delivery-lanes.js';
import { DeliveryQueue } from './delivery/delivery.queue.js';
import { DeliveryService } from './delivery/delivery.service.js';
import { postgresBackend, redisBackend } from './delivery/queue-backends.js';
import { strandedDeliveries } from './delivery/stranded-deliveries.js';
import { WebhooksNotices } from './delivery/webhooks-notices.js';
import { EventRelay } from './dispatch/event.relay.js';
import { HttpSender } from './http/http-sender.js';
import { NetworkPolicy } from './http/network-policy.js';
import { requireQueueConnection } from './options/require-queue-connection.js';
import type { ResolvedWebhooksOptions } from './options/resolve-options.js';
import type { ResolvedWebhooksStructure } from './options/resolve-structure.js';
import { WEBHOOKS_DATA_SOURCE } from './options/tokens.js';
import {
  resolvedOptionsProvider,
  WEBHOOKS_OPTIONS,
  WEBHOOKS_STRUCTURE,
} from './options/webhooks.module-definition.js';
import { WebhooksHealthIndicator } from './observability/webhooks.health.js';
import { WebhooksMetrics } from './observability/webhooks.metrics.js';
import { WebhooksStatistics } from './observability/webhooks-statistics.js';
import { CommitSignal } from './outbox/commit-signal.js';
import { OutboxWriter } from './outbox/outbox.writer.js';
import { RetentionJob } from './outbox/retention.job.js';
import { WebhookRegistry } from './registry/webhook-registry.js';
import { SecretStore } from './secrets/secret-store.js';
import { WebhooksLifecycle } from './webhooks.lifecycle.js';
import { DeliveriesService } from './webhooks/deliveries.service.js';
import { PREVIEW_OBJECTS } from './webhooks/preview-objects.js';
import { PreviewService } from './webhooks/preview.service.js';
import { WebhookSecretsService } from './webhooks/secrets.service.js';
import { WebhooksService } from './webhooks/webhooks.service.js';

/** The providers of the module: each part is made of those below it. */
export function webhooksProviders(structure: ResolvedWebhooksStructure): Provider[] {
  return [
    resolvedOptionsProvider,
    { provide: WEBHOOKS_STRUCTURE, useValue: structure },
    { provide: WEBHOOKS_DATA_SOURCE, useExisting: getDataSourceToken(structure.dataSource) },
    { provide: APP_INTERCEPTOR, useClass: ContextInterceptor },
    OutboxWriter,
    CommitSignal,
    {
      provide: WebhookRegistry,
      useFactory: (dataSource: DataSource, options: ResolvedWebhooksOptions) =>
        new WebhookRegistry(dataSource, options.capture.always),
      inject: [WEBHOOKS_DATA_SOURCE, WEBHOOKS_OPTIONS],
    },
    {
      // Installed as soon as it is made: what other modules write while the application starts is captured as well.
      provide: ChangeCapture,
      useFactory: async (
        dataSource: DataSource,
        registry: WebhookRegistry,
        writer: OutboxWriter,
        signal: CommitSignal,
        options: ResolvedWebhooksOptions,
      ) => {
        const capture = new ChangeCapture(dataSource, { registry, writer, signal, options: options.capture });
        capture.install();
        await capture.learnConstraints();
        return capture;
      },
      inject: [WEBHOOKS_DATA_SOURCE, WebhookRegistry, OutboxWriter, CommitSignal, WEBHOOKS_OPTIONS],
    },
    {
      provide: SecretStore,
      useFactory: (options: ResolvedWebhooksOptions) => new SecretStore(options.secrets),
      inject: [WEBHOOKS_OPTIONS],
    },
    {
      provide: NetworkPolicy,
      useFactory: (options: ResolvedWebhooksOptions) => new NetworkPolicy(options.delivery.network),
      inject: [WEBHOOKS_OPTIONS],
    },
    {
      provide: HttpSender,
      useFactory: (policy: NetworkPolicy, { delivery }: ResolvedWebhooksOptions) =>
        // All that is on its way may go to one origin.
        new HttpSender(policy, { connections: Math.max(64, delivery.concurrency) }, delivery.proxy),
      inject: [NetworkPolicy, WEBHOOKS_OPTIONS],
    },
    structure.queue.backend === 'postgres'
      ? {
          provide: DeliveryQueue,
          useFactory: async (dataSource: DataSource) =>
            new DeliveryQueue(await postgresBackend(dataSource, structure.queue.name)),
          inject: [WEBHOOKS_DATA_SOURCE],
        }
      : {
          provide: DeliveryQueue,
          useFactory: (queue: Queue, shared?: QueueOptions) => {
            requireQueueConnection(shared);
            return new DeliveryQueue(redisBackend(queue));
          },
          inject: [
            getQueueToken(structure.queue.name),
            { token: getSharedConfigToken(structure.queue.configKey), optional: true },
          ],
        },
    {
      provide: DeliveryService,
      useFactory: (
        dataSource: DataSource,
        sender: HttpSender,
        secrets: SecretStore,
        notices: WebhooksNotices,
        queue: DeliveryQueue,
        options: ResolvedWebhooksOptions,
      ) => new DeliveryService({ dataSource, sender, secrets, notices, queue, options }),
      inject: [
        WEBHOOKS_DATA_SOURCE,
        HttpSender,
        SecretStore,
        WebhooksNotices,
        DeliveryQueue,
        WEBHOOKS_OPTIONS,
      ],
    },
    WebhooksNotices,
    {
      provide: DeliveryLanes,
      useFactory: (deliveries: DeliveryService, { delivery }: ResolvedWebhooksOptions) =>
        DeliveryLanes.of(deliveries, {
          sending: delivery.concurrency,
          sendingPerWebhook: delivery.concurrencyPerWebhook,
        }),
      inject: [DeliveryService, WEBHOOKS_OPTIONS],
    },
    {
      provide: DeliveryFeeder,
      useFactory: (dataSource: DataSource, queue: DeliveryQueue, lanes: DeliveryLanes) =>
        new DeliveryFeeder(dataSource, queue, lanes),
      inject: [WEBHOOKS_DATA_SOURCE, DeliveryQueue, DeliveryLanes],
    },
    {
      provide: RetentionJob,
      useFactory: (dataSource: DataSource, { retention, delivery }: ResolvedWebhooksOptions) =>
        new RetentionJob(dataSource, retention, strandedDeliveries(dataSource, delivery.heldMaxAge)),
      inject: [WEBHOOKS_DATA_SOURCE, WEBHOOKS_OPTIONS],
    },
    WebhooksStatistics,
    WebhooksHealthIndicator,
    WebhooksMetrics,
    {
      provide: EventRelay,
      useFactory: (
        dataSource: DataSource,
        registry: WebhookRegistry,
        feeder: DeliveryFeeder,
        { dispatch, delivery }: ResolvedWebhooksOptions,
      ) =>
        new EventRelay({ dataSource, registry, feeder, ...dispatch, firstDelay: delivery.schedule[0] ?? 0 }),
      inject: [WEBHOOKS_DATA_SOURCE, WebhookRegistry, DeliveryFeeder, WEBHOOKS_OPTIONS],
    },
    {
      provide: WebhooksLifecycle,
      useFactory: (
        dataSource: DataSource,
        registry: WebhookRegistry,
        signal: CommitSignal,
        queue: DeliveryQueue,
        relay: EventRelay,
        feeder: DeliveryFeeder,
        lanes: DeliveryLanes,
        deliveries: DeliveryService,
        sender: HttpSender,
        secrets: WebhookSecretsService,
        retention: RetentionJob,
        { delivery }: ResolvedWebhooksOptions,
      ) =>
        new WebhooksLifecycle({
          dataSource,
          registry,
          signal,
          queue,
          relay,
          feeder,
          lanes,
          deliveries,
          sender,
          secrets,
          retention,
          worker: structure.worker,
          // Jobs that are loaded or recorded wait beside those that are sent.
          concurrency: delivery.concurrency * 4,
          shutdownTimeout: delivery.shutdownTimeout,
        }),
      inject: [
        WEBHOOKS_DATA_SOURCE,
        WebhookRegistry,
        CommitSignal,
        DeliveryQueue,
        EventRelay,
        DeliveryFeeder,
        DeliveryLanes,
        DeliveryService,
        HttpSender,
        WebhookSecretsService,
        RetentionJob,
        WEBHOOKS_OPTIONS,
      ],
    },
    WebhooksService,
    DeliveriesService,
    WebhookSecretsService,
    {
      provide: PREVIEW_OBJECTS,
      useFactory: (dataSource: DataSource) => new ObjectReader(dataSource),
      inject: [WEBHOOKS_DATA_SOURCE],
    },
    PreviewService,
    ...adminProviders(structure.admin),
  ];
}
