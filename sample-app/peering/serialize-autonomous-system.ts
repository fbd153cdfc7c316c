import type { AutonomousSystem } from './autonomous-system.entity.js';

/** An autonomous system as the REST API shows it. */
export function serializeAutonomousSystem(system: AutonomousSystem) {
  const { id, asn, name, ipv6MaxPrefixes, ipv4MaxPrefixes } = system;
  return {
    id,
    url: `/api/peering/autonomous-systems/${id}/`,
    display: `AS${asn} - ${name}`,
    asn,
    name,
    ipv6_max_prefixes: ipv6MaxPrefixes,
    ipv4_max_prefixes: ipv4MaxPrefixes,
  };
}
