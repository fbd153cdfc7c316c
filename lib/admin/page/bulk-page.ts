import type { Webhook } from '../../model/webhook.entity.js';
import { addressOf, type Fields } from './query-address.js';

/** What can be done with many at once. */
export type BulkAction = 'retry' | 'cancel' | 'replay';

/** How far an action on many is. The page carries it from step to step: it lives in no process. */
export interface BulkProgress {
  readonly state: 'asks' | 'runs' | 'done';
  /** On how many it would be done, when that was asked. */
  readonly total: number;
  readonly done: number;
  /** Where the next step goes on; empty for the first. */
  readonly cursor: string;
  /** More were selected than were counted. */
  readonly isMore?: boolean;
}

/** An action, and what it is about. */
export interface BulkSubject {
  readonly action: BulkAction;
  /** The filter, as its list had it. */
  readonly fields: Fields;
  readonly webhooks: readonly Pick<Webhook, 'id' | 'name'>[];
}

const WORDS: Readonly<Record<BulkAction, { title: string; button: string; asks: string; done: string }>> = {
  retry: {
    title: 'Retry many',
    button: 'Retry',
    asks: 'can be sent again now, each with its own id and body',
    done: 'sent again',
  },
  cancel: { title: 'Cancel many', button: 'Cancel', asks: 'can be cancelled', done: 'cancelled' },
  replay: {
    title: 'Replay events',
    button: 'Replay',
    asks: 'would be made, each with an id and a body of its own',
    done: 'made, and on their way',
  },
};

const TIMES: ReadonlySet<string> = new Set(['since', 'until']);

/** Names of the filters as the lists call them. */
const LABELS: Readonly<Record<string, string>> = {
  status: 'State',
  webhookId: 'Webhook',
  model: 'Model',
  event: 'Event',
  objectId: 'Object id',
  username: 'User',
  requestId: 'Request id',
  since: 'From',
  until: 'Until',
};

/** The model of the view `bulk`. */
export function bulkPage({ action, fields, webhooks }: BulkSubject, progress: BulkProgress) {
  const nameOf = (id: unknown) => webhooks.find((webhook) => webhook.id === id)?.name ?? String(id);
  const filters = Object.entries(fields)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({
      label: action === 'replay' && name === 'webhookId' ? 'To' : (LABELS[name] ?? name),
      value: name === 'webhookId' ? nameOf(value) : TIMES.has(name) ? timeText(String(value)) : String(value),
    }));
  const { webhookId: _target, ...listFields } = fields;
  return {
    ...progress,
    action,
    fields,
    filters,
    section: action === 'replay' ? 'events' : 'deliveries',
    address: action === 'replay' ? 'replay' : 'bulk',
    list: addressOf(action === 'replay' ? listFields : fields),
    words: WORDS[action],
  };
}

/** What the form of a step says of the one before. */
export function readProgress(form: {
  text(name: string): string;
}): Pick<BulkProgress, 'total' | 'done' | 'cursor'> {
  return { total: count(form.text('total')), done: count(form.text('done')), cursor: form.text('cursor') };
}

function count(text: string): number {
  return /^\d{1,12}$/.test(text) ? Number(text) : 0;
}

/** A time as a form or an address has it, as pages show times. */
function timeText(iso: string): string {
  return `${iso.replace('T', ' ').replace(/(\.\d+)?Z$/, '')} UTC`;
}
