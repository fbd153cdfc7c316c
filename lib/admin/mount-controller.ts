import { Controller, Res, UseGuards, UseInterceptors, VERSION_NEUTRAL, type Type } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import type { ResolvedWebhooksStructure } from '../options/resolve-structure.js';
import type { AdminInterceptor } from './admin.interceptor.js';

/** The admin options of a module that has admin routes. */
export type MountedAdmin = Exclude<ResolvedWebhooksStructure['admin'], false>;

/**
 * A controller as Nest mounts it: below the configured path, behind the configured guards, the same for every version
 * of the application's own API.
 *
 * @param path - below the configured one
 */
export function mountController(
  base: abstract new (...parts: never[]) => object,
  path: string,
  { admin, interceptor }: { admin: MountedAdmin; interceptor: Type<AdminInterceptor> },
): Type {
  @Controller({ path: `${admin.path}${path}`, version: VERSION_NEUTRAL })
  @UseGuards(...admin.guards)
  @UseInterceptors(interceptor)
  class Mounted extends (base as Type) {}

  Object.defineProperty(Mounted, 'name', { value: base.name });
  for (const name of routesOf(base.prototype as object)) {
    // With the response injected, Nest leaves the answering to us: see AdminInterceptor.
    const handler = (base.prototype as Record<string, () => unknown>)[name];
    Res()(Mounted.prototype, name, handler?.length ?? 0);
  }
  return Mounted;
}

function routesOf(prototype: object): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) =>
    typeof value === 'function' && Reflect.hasMetadata(PATH_METADATA, value as object) ? [name] : [],
  );
}
