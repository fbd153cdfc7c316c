import { v7 } from 'uuid';

/** A new UUIDv7: unique everywhere, and ordered by time within a process, which keeps indexes dense. */
export function newId(): string {
  return v7();
}
