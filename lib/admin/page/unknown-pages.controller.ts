import { Get, Req } from '@nestjs/common';
import { AdminError } from '../admin.error.js';
import type { AdminRequest } from '../admin.interceptor.js';
import { Answer } from '../answer.js';
import { REST, RestController } from '../rest-of-address.js';
import { withoutSlash } from '../without-slash.js';

/** What no other page answers. */
export abstract class UnknownPagesController extends RestController {
  @Get(REST)
  other(@Req() request: AdminRequest): Answer {
    // The configured path with a slash, which is another route for Fastify.
    if (Object.values(request.params ?? {}).every((part) => part === '')) return Answer.redirect('webhooks');
    const address = withoutSlash(request);
    if (address !== undefined) return Answer.moved(address);
    throw new AdminError(404, 'WEBHOOKS_NOT_FOUND', 'There is no page at this address.');
  }
}
