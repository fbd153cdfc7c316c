import { BullModule, getQueueToken } from '@nestjs/bullmq';
import {
  Inject,
  Injectable,
  Module,
  Scope,
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Strategy } from 'passport-http-bearer';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { WebhooksModuleOptions } from '../../../lib/options/webhooks-options.js';
import type { AdminOptions } from '../../../lib/options/structural-options.js';
import type { WebhooksOptionsFactory } from '../../../lib/options/webhooks.module-definition.js';
import { WebhooksModule } from '../../../lib/webhooks.module.js';
import { WebhooksService } from '../../../lib/webhooks/webhooks.service.js';
import { NetworkPolicy } from '../../../lib/http/network-policy.js';
import { WEBHOOKS_DATA_SOURCE } from '../../../lib/options/tokens.js';
import { Router } from '../../fixtures/network/router.entity.js';
import { Site } from '../../fixtures/network/site.entity.js';
import { TEST_KEY } from '../../support/application.js';
import { describeOn, postgres } from '../../support/databases.js';
import { postgresQueue, redisQueue } from '../../support/queues.js';
import { serviceUrl } from '../../support/services.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';

const RUNTIME: WebhooksModuleOptions = {
  delivery: { network: { allow: ['127.0.0.0/8'] } },
  secrets: { keys: [TEST_KEY] },
};

@Injectable()
class OptionsFactory implements WebhooksOptionsFactory {
  createWebhooksOptions(): WebhooksModuleOptions {
    return RUNTIME;
  }
}
@Module({ providers: [OptionsFactory], exports: [OptionsFactory] })
class OptionsFactoryModule {}

@Injectable()
class Tokens {
  isValid(header: string | undefined): boolean {
    return header === 'Bearer let-me-in';
  }
}
@Injectable()
class InjectedGuard implements CanActivate {
  constructor(private readonly tokens: Tokens) {}
  canActivate(context: ExecutionContext): boolean {
    return this.tokens.isValid(
      context.switchToHttp().getRequest<Request & { headers: { authorization?: string } }>().headers
        .authorization,
    );
  }
}
@Injectable({ scope: Scope.REQUEST })
class RequestScopedGuard implements CanActivate {
  constructor(private readonly tokens: Tokens) {}
  canActivate(context: ExecutionContext): boolean {
    return new InjectedGuard(this.tokens).canActivate(context);
  }
}
@Injectable()
class BearerStrategy extends PassportStrategy(Strategy) {
  constructor(private readonly tokens: Tokens) {
    super();
  }
  validate(token: string): object | false {
    return this.tokens.isValid(`Bearer ${token}`) && { name: 'ada' };
  }
}
@Injectable()
class UsersOfTheLibrary {
  constructor(
    @Inject(WEBHOOKS_DATA_SOURCE) readonly dataSource: DataSource,
    readonly network: NetworkPolicy,
  ) {}
}
@Module({ providers: [UsersOfTheLibrary] })
class UsingModule {}
@Module({ imports: [PassportModule], providers: [Tokens, BearerStrategy], exports: [Tokens] })
class AuthModule {}

describeOn([redisQueue, postgresQueue], 'the module in an application, with its queue in $name', (store) => {
  let application: INestApplication | undefined;
  let receiver: Receiver;
  let queue: Awaited<ReturnType<typeof store.create>>;
  let typeorm: DynamicModule;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    const database = await postgres.create();
    queue = await store.create();
    drop = async () => {
      await queue.drop();
      await database.drop();
    };
    typeorm = TypeOrmModule.forRoot({
      ...database.options,
      entities: [Router, Site],
      autoLoadEntities: true,
      synchronize: true,
      retryAttempts: 0,
    });
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await application?.close();
    application = undefined;
    await receiver.close();
    await drop();
  });

  async function boot(...imports: (DynamicModule | Type)[]): Promise<INestApplication> {
    const module = await Test.createTestingModule({ imports }).compile();
    const booted = module.createNestApplication({ logger: ['error', 'warn'] });
    await booted.listen(0, '127.0.0.1');
    application = booted;
    return booted;
  }

  async function expectDelivery(booted: INestApplication): Promise<void> {
    await booted
      .get(WebhooksService)
      .create({ name: 'routers', models: ['router'], events: ['create'], url: receiver.url });
    await booted.get(DataSource).getRepository(Router).save({ name: 'r1' });
    await receiver.waitForRequests(1);
  }

  const withAdmin = (admin: AdminOptions) =>
    WebhooksModule.forRoot({ ...RUNTIME, queue: queue.queue, imports: [AuthModule], admin });

  it('works when it is imported first and when it is imported last', async () => {
    const webhooks = () => WebhooksModule.forRoot({ ...RUNTIME, queue: queue.queue });
    for (const imports of [
      [webhooks(), typeorm, ...queue.imports],
      [...queue.imports, typeorm, webhooks()],
    ]) {
      const booted = await boot(...imports);
      await booted.get(DataSource).query('DELETE FROM webhook');
      receiver.requests.length = 0;
      await expectDelivery(booted);
      // An attempt under way is finished, and recorded, before the data source closes.
      receiver.answer = (_, response) => void setTimeout(() => response.end(), 300);
      const dataSource = booted.get(DataSource);
      await dataSource.getRepository(Router).save({ name: 'r2' });
      await receiver.waitForRequests(2);
      await booted.close();
      expect(dataSource.isInitialized).toBe(false);
      await dataSource.initialize();
      const [{ count }] = await dataSource.query<[{ count: string }]>(
        `SELECT COUNT(*) AS count FROM webhook_attempt WHERE status_code = 200`,
      );
      expect(Number(count)).toBeGreaterThanOrEqual(2);
      await dataSource.query('DELETE FROM webhook_attempt');
      await dataSource.destroy();
      application = undefined;
    }
  });

  const asyncOptions: [string, () => Parameters<typeof WebhooksModule.forRootAsync>[0]][] = [
    [
      'useFactory with what it injects',
      () => ({
        imports: [OptionsFactoryModule],
        inject: [OptionsFactory],
        useFactory: (factory: OptionsFactory) => Promise.resolve(factory.createWebhooksOptions()),
      }),
    ],
    ['useClass', () => ({ useClass: OptionsFactory })],
    ['useExisting', () => ({ imports: [OptionsFactoryModule], useExisting: OptionsFactory })],
  ];
  it.each(asyncOptions)('takes its options from forRootAsync: %s', async (_, options) => {
    await expectDelivery(
      await boot(
        WebhooksModule.forRootAsync({ ...options(), queue: queue.queue }),
        typeorm,
        ...queue.imports,
      ),
    );
  });

  const guards: [string, AdminOptions['guards'], number][] = [
    ['that injects a service of an imported module', [InjectedGuard], 403],
    ['of request scope', [RequestScopedGuard], 403],
    ['of Passport', [AuthGuard('bearer')], 401],
    ['given as an instance', [new InjectedGuard(new Tokens())], 403],
  ];
  it('lets other modules inject its data source and its network policy', async () => {
    const webhooks = WebhooksModule.forRoot({ ...RUNTIME, queue: queue.queue });
    const booted = await boot(webhooks, typeorm, UsingModule, ...queue.imports);
    const { dataSource, network } = booted.get(UsersOfTheLibrary);
    expect(dataSource).toBe(booted.get(DataSource));
    expect(() => network.checkUrl('http://127.0.0.1/')).not.toThrow();
    expect(() => network.checkUrl('http://10.0.0.1/')).toThrow('10.0.0.1');
  });

  it.each(guards)('protects the admin routes with a guard %s', async (_, admin, refusal) => {
    const booted = await boot(withAdmin({ guards: admin ?? [] }), typeorm, ...queue.imports);
    const url = `${await booted.getUrl()}/admin/webhooks/api/webhooks`;
    expect((await fetch(url)).status).toBe(refusal);
    const answer = await fetch(url, { headers: { authorization: 'Bearer let-me-in' } });
    expect(answer.status).toBe(200);
  });

  it('leaves the queues of the application where they are', async () => {
    const redis = await redisQueue.create();
    const booted = await boot(
      ...redis.imports,
      BullModule.registerQueue({ name: 'mails' }),
      WebhooksModule.forRoot({ ...RUNTIME, queue: queue.queue }),
      typeorm,
    );
    await booted.get<Queue>(getQueueToken('mails')).add('hello', {});
    const client = new Redis(serviceUrl('REDIS_URL'));
    expect(
      await client.keys(`${String(booted.get<Queue>(getQueueToken('mails')).opts.prefix)}:mails:*`),
    ).not.toEqual([]);
    await client.quit();
    await expectDelivery(booted);
    await redis.drop();
  });
});
