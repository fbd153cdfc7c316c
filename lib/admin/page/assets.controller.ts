import { Get, Param, Query, Req } from '@nestjs/common';
import type { AdminRequest } from '../admin.interceptor.js';
import { AdminError } from '../admin.error.js';
import { Answer } from '../answer.js';
import { findAsset } from './assets.js';

/** The style and the scripts of the pages. They hold no data; the guards of the routes do not ask for them. */
export abstract class AssetsController {
  @Get(':file')
  file(@Req() { headers }: AdminRequest, @Param('file') name: string, @Query('v') version: unknown): Answer {
    const asset = findAsset(name);
    if (asset === undefined) {
      throw new AdminError(
        404,
        'WEBHOOKS_NOT_FOUND',
        'There is no such file. Pages name those that there are.',
      );
    }
    const etag = `"${asset.hash}"`;
    const shared = {
      etag,
      // Only an address that changes with the file may be kept without asking again.
      'cache-control': version === asset.hash ? 'public, max-age=31536000, immutable' : 'no-cache',
      'x-content-type-options': 'nosniff',
    };
    if (isKnown(headers['if-none-match'], etag)) return new Answer(304, shared, '');
    return new Answer(200, { ...shared, 'content-type': asset.type }, asset.text);
  }
}

/** Whether `If-None-Match` names the file as it is. */
function isKnown(header = '', etag: string): boolean {
  return header.split(',').some((each) => ['*', etag].includes(each.trim().replace(/^W\//, '')));
}
