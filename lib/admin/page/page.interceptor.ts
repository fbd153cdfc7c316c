import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  WEBHOOKS_STRUCTURE,
  type ResolvedWebhooksStructure,
} from '../../options/webhooks.module-definition.js';
import { AdminInterceptor, type AdminRequest } from '../admin.interceptor.js';
import type { Answer } from '../answer.js';
import type { ErrorAnswer } from '../error-answer.js';
import { PageRenderer } from './page-renderer.js';

/** As for the API, but errors are pages. */
@Injectable()
export class PageInterceptor extends AdminInterceptor {
  private readonly mounted: string;

  constructor(
    host: HttpAdapterHost,
    private readonly pages: PageRenderer,
    @Inject(WEBHOOKS_STRUCTURE) { admin }: ResolvedWebhooksStructure,
  ) {
    super(host);
    this.mounted = admin === false ? '' : admin.path.toLowerCase();
  }

  protected override error(error: ErrorAnswer, request: AdminRequest): Answer {
    return this.pages.render({ request, depth: this.depthOf(request) }, 'error', { error }, error.statusCode);
  }

  /** Errors come from any address: its parts behind the configured path tell how deep it is. */
  private depthOf({ originalUrl, url }: AdminRequest): number {
    const [path = ''] = (originalUrl ?? url).split('?');
    // Express takes capitals for the same. A prefix of the application may stand before it.
    const start = `${path.toLowerCase()}/`.indexOf(`/${this.mounted}/`);
    const own = path.slice(start + this.mounted.length + 1).replace(/\/$/, '');
    return Math.max(1, own.split('/').length - 1);
  }
}
