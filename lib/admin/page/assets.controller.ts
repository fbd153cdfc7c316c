import { Get, Param } from '@nestjs/common';
import { Answer } from '../answer.js';
import { AdminError } from '../admin.error.js';
import { ASSETS } from './assets.js';

/** The style and the scripts of the pages. They hold no data; the guards of the routes do not ask for them. */
export abstract class AssetsController {
  @Get(':file')
  file(@Param('file') name: string): Answer {
    const asset = ASSETS.get(name);
    if (asset === undefined) {
      throw new AdminError(404, 'WEBHOOKS_NOT_FOUND', `There is no file "${name}".`);
    }
    return new Answer(
      200,
      {
        'content-type': asset.type,
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      },
      asset.text,
    );
  }
}
