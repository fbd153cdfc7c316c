import { HttpException, Logger } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { WebhooksError } from '../common/webhooks-error.js';
import { WebhookInvalidError, type FieldFaults } from '../webhooks/webhook-invalid.error.js';
import { AdminError } from './admin.error.js';

/** The one format of errors. */
export interface ErrorAnswer {
  readonly statusCode: number;
  readonly code: string;
  readonly message: string;
  readonly fields?: FieldFaults;
}

/** Status of the errors that a caller can do something about. */
const STATUS: Readonly<Record<string, number>> = {
  WEBHOOKS_NOT_FOUND: 404,
  WEBHOOKS_WEBHOOK_INVALID: 422,
  WEBHOOKS_DELIVERY_IMPOSSIBLE: 409,
  WEBHOOKS_KEY_MISSING: 409,
  WEBHOOKS_CONFLICT: 409,
};

const logger = new Logger('WebhooksAdmin');

/** What the caller is told of an error. Those that say nothing to a caller are logged. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof AdminError) return answer(error.statusCode, error, error.fields);
  if (error instanceof WebhookInvalidError) return answer(422, error, error.fields);
  if (error instanceof WebhooksError && STATUS[error.code] !== undefined) {
    return answer(STATUS[error.code] ?? 500, error);
  }
  if (error instanceof HttpException && error.getStatus() < 500) {
    // Of a pipe of the application.
    return { statusCode: error.getStatus(), code: 'WEBHOOKS_REQUEST_REFUSED', message: error.message };
  }
  if (error instanceof QueryFailedError && isDuplicate(error)) {
    const message =
      'Somebody else saved the same name at the same moment. Choose another one, or look at theirs.';
    return { statusCode: 409, code: 'WEBHOOKS_CONFLICT', message };
  }
  if (error instanceof QueryFailedError && isNoText(error)) {
    const message =
      'The request holds a character that texts in the database cannot have, such as NUL. Leave it out.';
    return { statusCode: 400, code: 'WEBHOOKS_REQUEST_MALFORMED', message };
  }
  logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (error instanceof WebhooksError) return answer(500, error);
  const message = 'The request failed. The log of the application says why.';
  return { statusCode: 500, code: 'WEBHOOKS_INTERNAL', message };
}

function answer(statusCode: number, { code, message }: WebhooksError, fields?: FieldFaults): ErrorAnswer {
  return { statusCode, code, message, ...(fields === undefined ? {} : { fields }) };
}

/** PostgreSQL, MySQL and SQLite, by their codes of a broken unique index. */
function isDuplicate({ driverError }: QueryFailedError): boolean {
  const { code } = driverError as { code?: unknown };
  return code === '23505' || code === 'ER_DUP_ENTRY' || code === 'SQLITE_CONSTRAINT_UNIQUE';
}

/** PostgreSQL: "character not in repertoire", "untranslatable character". */
function isNoText({ driverError }: QueryFailedError): boolean {
  const { code } = driverError as { code?: unknown };
  return code === '22021' || code === '22P05';
}
