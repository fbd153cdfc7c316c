/** Token of the data source that holds the tracked entities and the webhooks. */
export const WEBHOOKS_DATA_SOURCE = Symbol('nestjs-webhooks:data-source');
