import type { Type } from '@nestjs/common';
import type { ResolvedWebhooksStructure } from '../options/resolve-structure.js';
import { AdminInterceptor } from './admin.interceptor.js';
import { DeliveryReadsController } from './api/delivery-reads.controller.js';
import { DeliveryWritesController } from './api/delivery-writes.controller.js';
import { describeController, hideController } from './api/describe-controller.js';
import { EventReadsController } from './api/event-reads.controller.js';
import { EventWritesController } from './api/event-writes.controller.js';
import { OverviewReadsController } from './api/overview-reads.controller.js';
import { QueueWritesController } from './api/queue-writes.controller.js';
import { ApiRootController, UnknownRoutesController } from './api/unknown-routes.controller.js';
import { WebhookReadsController } from './api/webhook-reads.controller.js';
import { WebhookWritesController } from './api/webhook-writes.controller.js';
import { mountController, type MountedAdmin } from './mount-controller.js';
import { AssetsController } from './page/assets.controller.js';
import { DeliveryActionsController } from './page/delivery-actions.controller.js';
import { DeliveryPagesController } from './page/delivery-pages.controller.js';
import { EventActionsController } from './page/event-actions.controller.js';
import { EventPagesController } from './page/event-pages.controller.js';
import { HomeController } from './page/home.controller.js';
import { PageInterceptor } from './page/page.interceptor.js';
import { QueueActionsController } from './page/queue-actions.controller.js';
import { QueuePagesController } from './page/queue-pages.controller.js';
import { UnknownPagesController } from './page/unknown-pages.controller.js';
import { WebhookActionsController } from './page/webhook-actions.controller.js';
import { WebhookFormsController } from './page/webhook-forms.controller.js';
import { WebhookPagesController } from './page/webhook-pages.controller.js';

type Mountable = readonly [controller: Parameters<typeof mountController>[0], path: string];

const READS: readonly Mountable[] = [
  [WebhookReadsController, '/webhooks'],
  [DeliveryReadsController, '/deliveries'],
  [EventReadsController, '/events'],
  [OverviewReadsController, ''],
];

const WRITES: readonly Mountable[] = [
  [WebhookWritesController, '/webhooks'],
  [DeliveryWritesController, '/deliveries'],
  [EventWritesController, '/events'],
  [QueueWritesController, '/queue'],
];

const ACTIONS: readonly Mountable[] = [
  [WebhookFormsController, '/webhooks'],
  [WebhookActionsController, '/webhooks'],
  [DeliveryActionsController, '/deliveries'],
  [EventActionsController, '/events'],
  [QueueActionsController, '/queue'],
];

const PAGES: readonly Mountable[] = [
  [WebhookPagesController, '/webhooks'],
  [DeliveryPagesController, '/deliveries'],
  [EventPagesController, '/events'],
  [QueuePagesController, '/queue'],
  [HomeController, ''],
];

/** What is left: the last of all. */
const UNKNOWN_PAGES: readonly Mountable[] = [[UnknownPagesController, '']];
const UNKNOWN_ROUTES: readonly Mountable[] = [
  [ApiRootController, ''],
  [UnknownRoutesController, ''],
];

/** The controllers below the configured path, behind the configured guards; none when admin is off. */
export function adminControllers(admin: ResolvedWebhooksStructure['admin']): Type[] {
  if (admin === false) return [];
  return [...apiControllers(admin), ...pageControllers(admin)];
}

function pageControllers(admin: MountedAdmin): Type[] {
  // Before the pages, whose `:id` would take `new` for an id.
  const pages = [...(admin.readOnly ? [] : ACTIONS), ...PAGES, ...UNKNOWN_PAGES].map(([controller, path]) =>
    mountController(controller, path, { admin, interceptor: PageInterceptor }),
  );
  const open = { ...admin, guards: [] };
  const assets = mountController(AssetsController, '/assets', { admin: open, interceptor: AdminInterceptor });
  const mounted = [assets, ...pages];
  for (const controller of mounted) hideController(controller);
  return mounted;
}

function apiControllers(admin: MountedAdmin): Type[] {
  const mount = ([controller, path]: Mountable) =>
    mountController(controller, `/api${path}`, { admin, interceptor: AdminInterceptor });
  const described = [...READS, ...(admin.readOnly ? [] : WRITES)].map((route) => {
    const mounted = mount(route);
    describeController(mounted, route[0]);
    return mounted;
  });
  const unknown = UNKNOWN_ROUTES.map(mount);
  for (const controller of unknown) hideController(controller);
  return [...described, ...unknown];
}
