import { serializeConnection } from '../exchanges/serialize-connection.js';
import { BGP_STATE } from './bgp-state.js';
import type { InternetExchangePeeringSession } from './internet-exchange-peering-session.entity.js';
import { serializeAutonomousSystem } from './serialize-autonomous-system.js';
import { SESSION_STATUS } from './session-status.js';

/** A session as the REST API shows it. The passwords are for routers only and are not in it. */
export function serializeSession(session: InternetExchangePeeringSession) {
  const connection = serializeConnection(session.ixpConnection);
  return {
    id: session.id,
    display: `${connection.name}  - AS${session.autonomousSystem.asn} - IP ${session.ipAddress}`,
    service_reference: session.serviceReference,
    autonomous_system: serializeAutonomousSystem(session.autonomousSystem),
    ixp_connection: connection,
    ip_address: session.ipAddress,
    status: choice(SESSION_STATUS, session.status),
    multihop_ttl: session.multihopTtl,
    is_route_server: session.isRouteServer,
    import_routing_policies: session.importRoutingPolicies,
    export_routing_policies: session.exportRoutingPolicies,
    communities: session.communities,
    local_context_data: session.localContextData,
    exists_in_peeringdb: session.existsInPeeringdb,
    is_abandoned: session.isAbandoned,
    bgp_state: choice(BGP_STATE, session.bgpState),
    received_prefix_count: session.receivedPrefixCount,
    advertised_prefix_count: session.advertisedPrefixCount,
    last_established_state: session.lastEstablishedState,
    comments: session.comments,
    tags: session.tags,
    created: session.created,
    updated: session.updated,
  };
}

function choice<Value extends string>(labels: Readonly<Record<Value, string>>, value: Value | null) {
  return value === null ? null : { value, label: labels[value] };
}
