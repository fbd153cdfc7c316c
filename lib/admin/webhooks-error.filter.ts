import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WebhooksError } from '../common/webhooks-error.js';
import { WebhookInvalidError } from '../webhooks/webhook-invalid.error.js';

/** Status of the errors that a caller can do something about; the others are the application's. */
const STATUS: Readonly<Record<string, number>> = {
  WEBHOOKS_NOT_FOUND: 404,
  WEBHOOKS_WEBHOOK_INVALID: 422,
};

/** Answers this library's errors in one format: `{ statusCode, code, message, fields? }`. */
@Catch(WebhooksError)
export class WebhooksErrorFilter implements ExceptionFilter<WebhooksError> {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: WebhooksError, host: ArgumentsHost): void {
    const statusCode = STATUS[error.code] ?? 500;
    const body = {
      statusCode,
      code: error.code,
      message: error.message,
      ...(error instanceof WebhookInvalidError ? { fields: error.fields } : {}),
    };
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), body, statusCode);
  }
}
