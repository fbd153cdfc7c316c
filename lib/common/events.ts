/** What can happen to an object. */
export const EVENTS = ['create', 'update', 'delete'] as const;

/** What has happened to an object. */
export type WebhookEventName = (typeof EVENTS)[number];

/** HTTP methods of a webhook's request. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** The method of a webhook's request. */
export type WebhookMethod = (typeof METHODS)[number];
