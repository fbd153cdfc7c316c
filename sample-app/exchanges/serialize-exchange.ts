import type { InternetExchange } from './internet-exchange.entity.js';

/** An internet exchange as the REST API shows it. */
export function serializeExchange(exchange: InternetExchange) {
  return { id: exchange.id, display: exchange.name, name: exchange.name, slug: exchange.slug };
}
