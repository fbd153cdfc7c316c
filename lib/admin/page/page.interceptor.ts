import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AdminInterceptor, type AdminRequest } from '../admin.interceptor.js';
import type { Answer } from '../answer.js';
import type { ErrorAnswer } from '../error-answer.js';
import { PageRenderer } from './page-renderer.js';

/** As for the API, but errors are pages. */
@Injectable()
export class PageInterceptor extends AdminInterceptor {
  constructor(
    host: HttpAdapterHost,
    private readonly pages: PageRenderer,
  ) {
    super(host);
  }

  protected override error(error: ErrorAnswer, request: AdminRequest): Answer {
    return this.pages.render({ request, depth: this.depthOf(request) }, 'error', { error }, error.statusCode);
  }

  /** Errors come from any address: its own parts behind the name of a section tell how deep it is. */
  private depthOf({ originalUrl, url }: AdminRequest): number {
    const parts = ((originalUrl ?? url).split('?')[0] ?? '').split('/').filter((part) => part !== '');
    const section = Math.max(...SECTIONS.map((name) => parts.lastIndexOf(name)));
    return section === -1 ? 1 : parts.length - section;
  }
}

const SECTIONS = ['webhooks', 'deliveries', 'events', 'queue'];
