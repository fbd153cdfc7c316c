import type { Type } from '@nestjs/common';
import type { ResolvedWebhooksStructure } from '../options/resolve-structure.js';
import { AdminInterceptor } from './admin.interceptor.js';
import { DeliveryReadsController } from './api/delivery-reads.controller.js';
import { DeliveryWritesController } from './api/delivery-writes.controller.js';
import { describeController } from './api/describe-controller.js';
import { EventReadsController } from './api/event-reads.controller.js';
import { EventWritesController } from './api/event-writes.controller.js';
import { OverviewReadsController } from './api/overview-reads.controller.js';
import { QueueWritesController } from './api/queue-writes.controller.js';
import { WebhookReadsController } from './api/webhook-reads.controller.js';
import { WebhookWritesController } from './api/webhook-writes.controller.js';
import { mountController, type MountedAdmin } from './mount-controller.js';

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

/** The controllers below the configured path, behind the configured guards; none when admin is off. */
export function adminControllers(admin: ResolvedWebhooksStructure['admin']): Type[] {
  if (admin === false) return [];
  return apiControllers(admin);
}

function apiControllers(admin: MountedAdmin): Type[] {
  return [...READS, ...(admin.readOnly ? [] : WRITES)].map(([controller, path]) => {
    const mounted = mountController(controller, `/api${path}`, { admin, interceptor: AdminInterceptor });
    describeController(mounted, controller);
    return mounted;
  });
}
