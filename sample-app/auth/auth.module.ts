import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AdminGuard } from './admin.guard.js';
import { AuthGuard } from './auth.guard.js';
import { Users } from './users.js';

/** Who may do what: everyone with a token, administrators more. */
@Module({})
export class AuthModule {
  static forRoot(tokens: Readonly<Record<string, string>>): DynamicModule {
    return {
      module: AuthModule,
      providers: [
        { provide: Users, useValue: new Users(tokens) },
        { provide: APP_GUARD, useClass: AuthGuard },
        AdminGuard,
      ],
      exports: [AdminGuard],
    };
  }
}
