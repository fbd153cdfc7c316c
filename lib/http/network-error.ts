import { WebhooksError } from '../common/webhooks-error.js';

/**
 * An address that deliveries cannot go to. Its codes:
 *
 * - `WEBHOOKS_URL_INVALID`: no absolute `http:` or `https:` URL, or one with credentials or forbidden characters
 * - `WEBHOOKS_ADDRESS_BLOCKED`: the network policy refuses it
 * - `WEBHOOKS_NAME_UNRESOLVED`: the host name leads to no address; `cause` is the resolver's error
 * - `WEBHOOKS_NETWORK_INVALID`: the policy itself, or `delivery.proxy.noProxy`, was given something that is no CIDR block,
 *   name or port
 * - `WEBHOOKS_PROXY_FAILED`: no tunnel through `delivery.proxy`
 */
export class NetworkError extends WebhooksError {}
