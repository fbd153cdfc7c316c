import { connect } from 'node:net';
import { ServiceUnavailableError } from './service-unavailable.error.js';

const PATIENCE = 5_000;

/**
 * Resolves when something listens at the URL.
 *
 * @throws ServiceUnavailableError that names the variable the URL came from
 */
export async function requireAnswer(variable: string, url: string, defaultPort: number): Promise<void> {
  const { hostname, port } = parse(variable, url);
  const socket = connect({ host: hostname, port: Number(port || defaultPort), timeout: PATIENCE });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
      socket.once('timeout', () => reject(new Error('timeout')));
    });
  } catch (cause) {
    throw new ServiceUnavailableError(
      `Nothing answers at ${variable} (${hostname}, port ${port || defaultPort}). Start it, or unset the variable.`,
      { cause },
    );
  } finally {
    socket.destroy();
  }
}

function parse(variable: string, url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new ServiceUnavailableError(`${variable} is not a URL.`);
}
