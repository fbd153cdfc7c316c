import type { NewDelivery } from '../../lib/delivery/insert-deliveries.js';

/** A delivery to be inserted that can be sent at once; of an event that is not there unless it is named. */
export function pendingDelivery(values: Partial<NewDelivery> & Pick<NewDelivery, 'webhookId'>): NewDelivery {
  return {
    eventId: 'none',
    sequence: '1',
    model: 'router',
    event: 'create',
    objectId: '1',
    trigger: 'event',
    status: 'pending',
    error: null,
    delay: 0,
    ...values,
  };
}
