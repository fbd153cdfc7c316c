import type { Connection } from './connection.entity.js';

/** A connection as the REST API shows it. */
export function serializeConnection(connection: Connection) {
  const { id, internetExchange, macAddress, ipv6Address, ipv4Address } = connection;
  return {
    id,
    url: `/api/net/connections/${id}/`,
    display: internetExchange.name,
    name: internetExchange.name,
    mac_address: macAddress,
    ipv6_address: ipv6Address,
    ipv4_address: ipv4Address,
  };
}
