import { All, Req } from '@nestjs/common';
import { AdminError } from '../admin.error.js';
import type { AdminRequest } from '../admin.interceptor.js';
import { Answer } from '../answer.js';
import { REST, RestController } from '../rest-of-address.js';
import { withoutSlash } from '../without-slash.js';

/** The address of the API itself. */
export abstract class ApiRootController {
  @All()
  root(@Req() request: AdminRequest): never {
    throw unknown(request);
  }
}

/** What no other route of the API answers. */
export abstract class UnknownRoutesController extends RestController {
  @All(REST)
  other(@Req() request: AdminRequest): Answer {
    const address = withoutSlash(request);
    if (address === undefined) throw unknown(request);
    return Answer.moved(address);
  }
}

function unknown({ method }: AdminRequest): AdminError {
  return new AdminError(
    404,
    'WEBHOOKS_NOT_FOUND',
    `The API has nothing at this address for ${method}. Its routes are in docs/10-admin.md.`,
  );
}
