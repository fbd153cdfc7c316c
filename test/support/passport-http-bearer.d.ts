declare module 'passport-http-bearer' {
  import { Strategy as Base } from 'passport-strategy';

  /** Takes the token of an `Authorization: Bearer` header. */
  export class Strategy extends Base {
    constructor(verify: (token: string, done: (error: unknown, user?: unknown) => void) => void);
    authenticate(): void;
  }
}
