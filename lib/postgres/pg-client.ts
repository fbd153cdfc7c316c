import type { QueryRunner } from 'typeorm';

/** Parameters that are sent as they are. */
export type Texts = readonly (string | null)[];

/** As much of `pg`'s connection as its own cursors use. */
export interface PgConnection {
  readonly stream: { cork?(): void; uncork?(): void };
  /** Texts that the server has parsed, by their names. */
  readonly parsedStatements: Readonly<Record<string, string>>;
  parse(message: { text: string; name?: string }): void;
  bind(message: { values?: Texts; statement?: string }): void;
  execute(message: object): void;
  sync(): void;
}

/** The client of `pg` that a query runner holds while it is connected. */
export interface PgClient {
  query(...values: unknown[]): unknown;
  readonly connection?: Partial<PgConnection>;
  /** The server process that it was told of when it connected. */
  readonly processID?: number | null;
  readonly pipeline?: boolean;
  readonly connectionParameters?: { readonly query_timeout?: unknown };
}

/**
 * The runner's client, if it is `pg`'s own as its class made it, and would not refuse what sends itself. With a timeout
 * of its own it may give up a statement that the server then runs: that must not be one with a COMMIT behind it.
 */
export async function plainPgClient(runner: QueryRunner): Promise<PgClient | undefined> {
  const client = (await runner.connect()) as PgClient;
  const { connection, connectionParameters } = client;
  const methods = [connection?.parse, connection?.bind, connection?.execute, connection?.sync];
  const isPlain =
    methods.every((method) => typeof method === 'function') &&
    connection?.stream !== undefined &&
    connection.parsedStatements !== undefined &&
    client.pipeline !== true &&
    !connectionParameters?.query_timeout &&
    !Object.hasOwn(client, 'query');
  return isPlain ? client : undefined;
}

/**
 * Gets what a client is asked.
 *
 * @returns leaves it as its class made it; may be called again
 */
export function standBefore(client: PgClient, query: PgClient['query']): () => void {
  client.query = query;
  return () => {
    if (client.query === query) Reflect.deleteProperty(client, 'query');
  };
}
