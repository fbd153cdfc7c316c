import type { Request } from 'express';

/** Who sends a request. */
export interface User {
  readonly name: string;
  /** May define webhooks. */
  readonly isAdmin: boolean;
}

/** A request after the {@link AuthGuard}. */
export interface AuthenticatedRequest extends Request {
  user?: User;
}
