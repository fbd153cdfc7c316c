import type { Provider } from '@nestjs/common';
import type { ResolvedWebhooksStructure } from '../options/resolve-structure.js';
import { AdminReads } from './admin-reads.js';
import { MissingKeysNotice } from './missing-keys.notice.js';
import { PageRenderer } from './page/page-renderer.js';
import { QueueControl } from './queue-control.js';
import { TestSends } from './test-sends.js';

/** What the admin controllers work with; nothing when admin is off. */
export function adminProviders(admin: ResolvedWebhooksStructure['admin']): Provider[] {
  if (admin === false) return [];
  return [AdminReads, QueueControl, TestSends, PageRenderer, ...(admin.readOnly ? [] : [MissingKeysNotice])];
}
