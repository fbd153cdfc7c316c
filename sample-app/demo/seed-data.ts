import type { ApiClient } from './api-client.js';

interface Saved {
  readonly id: number;
  readonly display: string;
}

/** What a session stands on, found or made: a network, an internet exchange, and our port there. */
export async function seedData(api: ApiClient): Promise<{ system: Saved; connection: Saved }> {
  const system = await findOrCreate(api, '/api/peering/autonomous-systems', 'AS64498 - Stark Industries', {
    asn: 64498,
    name: 'Stark Industries',
    ipv6_max_prefixes: 500,
    ipv4_max_prefixes: 500,
  });
  const name = 'S.H.I.E.L.D. Internet Exchange';
  const exchange = await findOrCreate(api, '/api/peering/internet-exchanges', name, {
    name,
    slug: 'shield-ix',
  });
  const connection = await findOrCreate(api, '/api/net/connections', name, {
    internet_exchange: exchange.id,
    mac_address: '1c:b8:5f:c0:d0:28',
    ipv6_address: '2001:db8::fbf4:1/64',
  });
  return { system, connection };
}

async function findOrCreate(api: ApiClient, path: string, display: string, body: object): Promise<Saved> {
  const all = await api.send<Saved[]>('GET', path);
  return all.find((saved) => saved.display === display) ?? api.send<Saved>('POST', path, body);
}
