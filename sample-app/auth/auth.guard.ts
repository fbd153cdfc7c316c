import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Response } from 'express';
import type { AuthenticatedRequest } from './user.js';
import { Users } from './users.js';

/**
 * Lets in who has a token, and says who that is. Programs send it as a bearer token; browsers ask for a name and a
 * password, which is the token. A real application has a login page and sessions.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly users: Users) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const user = this.users.findByToken(tokenOf(request.headers.authorization ?? ''));
    if (user === undefined) {
      context.switchToHttp().getResponse<Response>().setHeader('www-authenticate', 'Basic realm="peering"');
      throw new UnauthorizedException('Send a header "Authorization: Bearer <token>".');
    }
    request.user = user;
    return true;
  }
}

function tokenOf(authorization: string): string {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) (\S+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  return Buffer.from(value, 'base64').toString('utf8').split(':').slice(1).join(':');
}
