import { Controller, UseFilters, UseGuards, type Type } from '@nestjs/common';
import type { ResolvedWebhooksStructure } from '../options/resolve-structure.js';
import { WebhooksErrorFilter } from './webhooks-error.filter.js';
import { WebhooksController } from './webhooks.controller.js';

/** The controllers below the configured path, behind the configured guards; none when admin is off. */
export function adminControllers(admin: ResolvedWebhooksStructure['admin']): Type[] {
  if (admin === false) return [];

  @Controller(`${admin.path}/api/webhooks`)
  @UseGuards(...admin.guards)
  @UseFilters(WebhooksErrorFilter)
  class MountedWebhooksController extends WebhooksController {}

  return [MountedWebhooksController];
}
