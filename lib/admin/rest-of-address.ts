import { Inject } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { HttpAdapterHost } from '@nestjs/core';

/** Any address below a controller's own, for Fastify; Nest translates it for Express, and warns of it. */
export const REST = '*';
/** The same for Express, which Fastify refuses. */
const NAMED_REST = '{*path}';

/** A controller whose routes for {@link REST} are written as the application's platform reads them. */
export abstract class RestController {
  constructor(@Inject(HttpAdapterHost) host: HttpAdapterHost) {
    // Routes are read later than this, and the platform is not known before.
    host.init$.subscribe(() => {
      if (host.httpAdapter.getType() === 'express') nameRest(Object.getPrototypeOf(this) as object);
    });
  }
}

/** Of the mounted class only: another application of the same process may be on another platform. */
function nameRest(mounted: object): void {
  const base = Object.getPrototypeOf(mounted) as Record<string, (...given: unknown[]) => unknown>;
  for (const name of Object.getOwnPropertyNames(base)) {
    const handler = base[name];
    if (typeof handler !== 'function' || Reflect.getMetadata(PATH_METADATA, handler) !== REST) continue;
    const own = function (this: unknown, ...given: unknown[]): unknown {
      return handler.apply(this, given);
    };
    for (const key of Reflect.getMetadataKeys(handler)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), own);
    }
    Reflect.defineMetadata(PATH_METADATA, NAMED_REST, own);
    Object.defineProperty(mounted, name, { value: own, configurable: true, writable: true });
  }
}
