import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { adminControllers } from './admin/admin-controllers.js';
import { ChangeCapture } from './capture/change-capture.js';
import { ContextMiddleware } from './context/context.middleware.js';
import { WebhooksNotices } from './delivery/webhooks-notices.js';
import { NetworkPolicy } from './http/network-policy.js';
import { WEBHOOKS_ENTITIES } from './model/webhooks-entities.js';
import { checkAsyncOptions, checkOptions } from './options/check-options.js';
import { WebhooksHealthIndicator } from './observability/webhooks.health.js';
import { WebhooksStatistics } from './observability/webhooks-statistics.js';
import { WEBHOOKS_DATA_SOURCE } from './options/tokens.js';
import { resolveStructure } from './options/resolve-structure.js';
import {
  ConfigurableModuleClass,
  WEBHOOKS_OPTIONS,
  type ASYNC_OPTIONS_TYPE,
  type OPTIONS_TYPE,
  type WebhooksModuleExtras,
} from './options/webhooks.module-definition.js';
import { webhooksProviders } from './webhooks.providers.js';
import { DeliveriesService } from './webhooks/deliveries.service.js';
import { WebhookSecretsService } from './webhooks/secrets.service.js';
import { PreviewService } from './webhooks/preview.service.js';
import { WebhooksService } from './webhooks/webhooks.service.js';

/** Turns changes of entities marked with `@WebhookEntity()` into outgoing webhooks. */
@Module({})
export class WebhooksModule extends ConfigurableModuleClass implements NestModule {
  /** Options known when the application is defined. @throws OptionsInvalidError */
  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    checkOptions(options);
    return compose(super.forRoot(options), options);
  }

  /**
   * Options from a factory (`useFactory`, `useClass`, `useExisting`); those that shape the module stand beside it.
   *
   * @throws OptionsInvalidError
   */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    checkAsyncOptions(options);
    return compose(super.forRootAsync(options), options);
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(ContextMiddleware).forRoutes('{*path}');
  }
}

function compose(definition: DynamicModule, extras: WebhooksModuleExtras): DynamicModule {
  const structure = resolveStructure(extras);
  const { name, backend, configKey } = structure.queue;
  return {
    ...definition,
    global: structure.isGlobal,
    imports: [
      ...(extras.imports ?? []),
      TypeOrmModule.forFeature([...WEBHOOKS_ENTITIES], structure.dataSource),
      ...(backend === 'redis'
        ? [BullModule.registerQueue({ name, ...(configKey === undefined ? {} : { configKey }) })]
        : []),
    ],
    controllers: adminControllers(structure.admin),
    providers: [
      ...(definition.providers ?? []),
      ...webhooksProviders(structure),
      ...(extras.extraProviders ?? []),
    ],
    exports: [
      WebhooksService,
      DeliveriesService,
      PreviewService,
      WebhooksNotices,
      WebhooksHealthIndicator,
      WebhooksStatistics,
      WebhookSecretsService,
      ChangeCapture,
      NetworkPolicy,
      WEBHOOKS_DATA_SOURCE,
      WEBHOOKS_OPTIONS,
    ],
  };
}
