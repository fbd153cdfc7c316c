import { Get, Req } from '@nestjs/common';
import { AdminError } from '../admin.error.js';
import type { AdminRequest } from '../admin.interceptor.js';
import { Answer } from '../answer.js';

/** The configured path itself: leads to the first page. */
export abstract class HomeController {
  @Get()
  home(@Req() { originalUrl, url }: AdminRequest): Answer {
    const path = (originalUrl ?? url).split('?')[0] ?? '';
    // Relative, so that it holds behind whatever rewrites the address.
    return Answer.redirect(path.endsWith('/') ? 'webhooks' : `${path.split('/').at(-1) ?? ''}/webhooks`);
  }

  /** With a slash at its end, which is another route for Fastify; and what no other page answers. */
  @Get('*')
  other(@Req() request: AdminRequest): Answer {
    const { originalUrl, url, params } = request;
    const path = (originalUrl ?? url).split('?')[0] ?? '';
    if (Object.values(params ?? {}).every((part) => part === '')) return this.home(request);
    throw new AdminError(404, 'WEBHOOKS_NOT_FOUND', `There is no page at ${path}.`);
  }
}
