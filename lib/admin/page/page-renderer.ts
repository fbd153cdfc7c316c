import { fileURLToPath } from 'node:url';
import { Inject, Injectable } from '@nestjs/common';
import nunjucks from 'nunjucks';
import {
  WEBHOOKS_STRUCTURE,
  type ResolvedWebhooksStructure,
} from '../../options/webhooks.module-definition.js';
import type { AdminRequest } from '../admin.interceptor.js';
import { Answer } from '../answer.js';
import { findAsset } from './assets.js';
import { FORMATS } from './formats.js';

/**
 * Nothing from elsewhere and nothing inline. Set by the page itself, so that it holds in place of what the application
 * sets for its own pages.
 */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  // For browsers that do not know `frame-ancestors`, and in place of what the application says.
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  // With less, browsers would call their own form posts of unknown origin.
  'referrer-policy': 'same-origin',
} as const;

/** Where a page is: how to get from its address to the others, whatever stands before them. */
export interface PagePlace {
  readonly request: AdminRequest;
  /** Parts of the address below the configured path: 1 for `webhooks`, 2 for `webhooks/new`. */
  readonly depth: number;
}

/** Renders the pages' own templates. What operators and receivers wrote is only ever a value in them, and escaped. */
@Injectable()
export class PageRenderer {
  readonly readOnly: boolean;
  private readonly environment: nunjucks.Environment;

  constructor(@Inject(WEBHOOKS_STRUCTURE) { admin }: ResolvedWebhooksStructure) {
    this.readOnly = admin !== false && admin.readOnly;
    const views = fileURLToPath(new URL('views', import.meta.url));
    this.environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(views), {
      autoescape: true,
      trimBlocks: true,
      lstripBlocks: true,
    });
    for (const [name, format] of Object.entries(FORMATS)) this.environment.addFilter(name, format);
    // In the address of a file, so that browsers may keep it.
    this.environment.addFilter('hashOf', (name: string) => findAsset(name)?.hash ?? '');
  }

  /** A whole page, or a part of one. */
  render(place: PagePlace, view: string, model: object, statusCode = 200): Answer {
    const body = this.environment.render(`${view}.njk`, {
      root: rootOf(place),
      ...model,
      readOnly: this.readOnly,
      now: new Date(),
    });
    return new Answer(statusCode, HEADERS, body);
  }
}

/** The relative address of the configured path, with a slash at its end. */
export function rootOf({ request, depth }: PagePlace): string {
  const path = (request.originalUrl ?? request.url).split('?')[0] ?? '';
  const up = depth - 1 + (path.endsWith('/') ? 1 : 0);
  return up === 0 ? './' : '../'.repeat(up);
}
