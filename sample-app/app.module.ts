import { BullModule } from '@nestjs/bullmq';
import { Module, ValidationPipe, type DynamicModule } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { WEBHOOKS_MIGRATIONS, WebhooksModule } from 'nestjs-webhooks';
import { AdminGuard } from './auth/admin.guard.js';
import { AuthModule } from './auth/auth.module.js';
import type { AuthenticatedRequest } from './auth/user.js';
import { STRICT } from './common/changes.pipe.js';
import { CreatePeeringTables1795219200001 } from './database/1795219200001-create-peering-tables.js';
import { PeeringModule } from './peering/peering.module.js';
import type { Settings } from './settings.js';

/** A small peering manager whose changes become webhooks. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings & { readonly databaseUrl: string }): DynamicModule {
    const auth = AuthModule.forRoot(settings.tokens);
    const { redisUrl } = settings;
    return {
      module: AppModule,
      imports: [
        auth,
        PeeringModule,
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: settings.databaseUrl,
          autoLoadEntities: true,
          migrations: [CreatePeeringTables1795219200001, ...WEBHOOKS_MIGRATIONS],
          migrationsRun: true,
          retryAttempts: 0,
        }),
        ...(redisUrl === undefined ? [] : [BullModule.forRoot({ connection: { url: redisUrl } })]),
        WebhooksModule.forRoot({
          imports: [auth],
          admin: { path: 'admin/webhooks', guards: [AdminGuard] },
          context: { username: (request: AuthenticatedRequest) => request.user?.name },
          secrets: { keys: [settings.webhooksKey] },
          queue: { backend: redisUrl === undefined ? 'postgres' : 'redis' },
          // Receivers on this machine are for trying things out. A real application leaves this line out.
          delivery: { network: { allow: ['127.0.0.0/8', '::1/128'] } },
        }),
      ],
      providers: [{ provide: APP_PIPE, useValue: new ValidationPipe(STRICT) }],
    };
  }
}
