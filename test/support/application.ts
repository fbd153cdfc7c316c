import type { DynamicModule, INestApplication, LogLevel, Type } from '@nestjs/common';
import { AbstractHttpAdapter } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import { WebhooksModule } from '../../lib/webhooks.module.js';
import { Router } from '../fixtures/network/router.entity.js';
import { Site } from '../fixtures/network/site.entity.js';
import type { TestQueue } from './queues.js';

type ForRootOptions = NonNullable<Parameters<typeof WebhooksModule.forRoot>[0]>;

/** What an application under test is made of. */
export interface ApplicationParts {
  readonly database: DataSourceOptions;
  readonly queue: Pick<Awaited<ReturnType<TestQueue['create']>>, 'imports' | 'queue'>;
  /** Options beside the queue; loopback is allowed and a key is set unless they say otherwise. */
  readonly webhooks?: ForRootOptions;
  /** Set no key. */
  readonly withoutKeys?: boolean;
  readonly entities?: readonly Type[];
  readonly controllers?: Type[];
  readonly imports?: (Type | DynamicModule)[];
  /** Import the module before those it needs. */
  readonly webhooksFirst?: boolean;
  /** Express unless given. */
  readonly adapter?: AbstractHttpAdapter;
  /** Before the application is initialised. */
  readonly configure?: (application: INestApplication) => void;
  /** What is logged. @defaultValue `['error', 'warn']` */
  readonly logger?: LogLevel[];
  /** Whether this process creates the tables of the entities. */
  readonly synchronize?: boolean;
}

/** The key applications under test encrypt with. */
export const TEST_KEY = Buffer.alloc(32, 7).toString('base64');

/** Boots a real application. */
export async function startApplication(parts: ApplicationParts): Promise<INestApplication> {
  const webhooks = WebhooksModule.forRoot({
    delivery: { network: { allow: ['127.0.0.0/8'] } },
    ...(parts.withoutKeys === true ? {} : { secrets: { keys: [TEST_KEY] } }),
    ...parts.webhooks,
    queue: { ...parts.queue.queue, ...parts.webhooks?.queue },
  });
  const module = await Test.createTestingModule({
    controllers: parts.controllers ?? [],
    imports: [
      ...(parts.webhooksFirst === true ? [webhooks] : []),
      TypeOrmModule.forRoot({
        ...parts.database,
        entities: [...(parts.entities ?? [Router, Site])],
        autoLoadEntities: true,
        synchronize: parts.synchronize ?? true,
        retryAttempts: 0,
      }),
      ...parts.queue.imports,
      ...(parts.webhooksFirst === true ? [] : [webhooks]),
      ...(parts.imports ?? []),
    ],
  }).compile();
  const logger: LogLevel[] = parts.logger ?? ['error', 'warn'];
  const application =
    parts.adapter === undefined
      ? module.createNestApplication({ logger })
      : module.createNestApplication(parts.adapter, { logger });
  parts.configure?.(application);
  await application.init();
  return application;
}
