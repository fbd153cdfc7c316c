import { PlainError } from '../common/plain-error.js';

/** A service cannot run or be reached here. The message says what to do instead. */
export class ServiceUnavailableError extends PlainError {}
