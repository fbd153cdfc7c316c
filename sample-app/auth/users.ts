import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { User } from './user.js';

/** The users of the sample, by their bearer tokens. */
@Injectable()
export class Users {
  private readonly users: readonly (User & { digest: Buffer })[];

  constructor(tokens: Readonly<Record<string, string>>) {
    this.users = Object.entries(tokens).map(([name, token]) => ({
      name,
      isAdmin: name === 'admin',
      digest: digest(token),
    }));
  }

  findByToken(token: string): User | undefined {
    const given = digest(token);
    return this.users.find((user) => timingSafeEqual(user.digest, given));
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
