import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedRequest } from './user.js';
import { Users } from './users.js';

/** Lets in who has a bearer token, and says who that is. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly users: Users) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const user = token === undefined ? undefined : this.users.findByToken(token);
    if (user === undefined) throw new UnauthorizedException('Send a header "Authorization: Bearer <token>".');
    request.user = user;
    return true;
  }
}
