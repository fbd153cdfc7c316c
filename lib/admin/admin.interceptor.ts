import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import { HttpAdapterHost } from '@nestjs/core';
import type { IncomingHttpHeaders } from 'node:http';
import { catchError, defer, map, of, type Observable } from 'rxjs';
import { AdminError } from './admin.error.js';
import { Answer } from './answer.js';
import { checkOrigin } from './check-origin.js';
import { errorAnswer, type ErrorAnswer } from './error-answer.js';

/** The part of Express's and Fastify's requests that is the same. */
export interface AdminRequest {
  readonly method: string;
  readonly url: string;
  readonly originalUrl?: string;
  readonly headers: IncomingHttpHeaders;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** Bytes of a request. The largest webhook has about 400 KB. */
const MAX_BODY = 1_048_576;

/**
 * Sends what the handlers give, and their errors, itself: an application's interceptors that wrap responses and its
 * filters that rewrite errors do not see them. Errors of the application's guards are the application's to answer.
 */
@Injectable()
export class AdminInterceptor implements NestInterceptor {
  constructor(private readonly host: HttpAdapterHost) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<undefined> {
    const http = context.switchToHttp();
    const request = http.getRequest<AdminRequest>();
    const status =
      (Reflect.getMetadata(HTTP_CODE_METADATA, context.getHandler()) as number | undefined) ?? 200;
    return defer(() => {
      checkOrigin(request.method, request.headers);
      checkSize(request.headers);
      return next.handle();
    }).pipe(
      map((result) => (result instanceof Answer ? result : json(status, result))),
      catchError((error: unknown) => of(this.error(errorAnswer(error), request))),
      map((answer) => this.send(http.getResponse<object>(), answer)),
    );
  }

  /** How an error is shown. */
  protected error(error: ErrorAnswer, _request: AdminRequest): Answer {
    return json(error.statusCode, error);
  }

  private send(response: object, { statusCode, headers, body }: Answer): undefined {
    const { httpAdapter } = this.host;
    for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value);
    httpAdapter.reply(response, body, statusCode);
    return undefined;
  }
}

function json(statusCode: number, value: unknown): Answer {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  return new Answer(statusCode, headers, JSON.stringify(value ?? null));
}

function checkSize(headers: IncomingHttpHeaders): void {
  if (Number(headers['content-length'] ?? 0) <= MAX_BODY) return;
  throw new AdminError(
    413,
    'WEBHOOKS_REQUEST_TOO_LARGE',
    `The body has more than ${MAX_BODY} bytes. Send less; no webhook needs as much.`,
  );
}
