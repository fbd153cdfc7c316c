import { Get, Req } from '@nestjs/common';
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
}
